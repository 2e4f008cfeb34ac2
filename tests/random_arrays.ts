/** Random numbers between -1 and 1 for tests. */
import { type NdArray, ndarray } from "../engine/array.ts";
import { Random } from "../data/random.ts";

/** An array for each shape, by name; the same for the same seed. */
export function randomArrays<N extends string>(
  shapes: Readonly<Record<N, readonly number[]>>,
  seed: number,
): Record<N, NdArray> {
  const random = new Random(seed);
  return Object.fromEntries(
    Object.entries<readonly number[]>(shapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        ndarray("float32", shape, Float32Array.from({ length: size }, () => random.uniform(-1, 1))),
      ];
    }),
  ) as Record<N, NdArray>;
}
