/** Numbers drawn on the host: the latents that sheets show again and again. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Random } from "../../data/random.ts";

/** Standard normal numbers, `[rows, columns]`; what a seed gives stays the same for more rows. */
export function normalNoise(rows: number, columns: number, seed: number, stream = 0): NdArray<"float32"> {
  const random = new Random(seed, stream);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i += 2) {
    // Two of them out of two even ones, by Box and Muller.
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1)));
    const angle = 2 * Math.PI * random.uniform(0, 1);
    data[i] = radius * Math.cos(angle);
    if (i + 1 < data.length) data[i + 1] = radius * Math.sin(angle);
  }
  return ndarray("float32", [rows, columns], data) as NdArray<"float32">;
}
