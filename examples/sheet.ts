/** Pictures that a network made, side by side in one PNG. */
import { formats, type NdArray, ndarray } from "@gesso/gesso";

/** Images `[count, height, width, 1 or 3]` of numbers from 0 to 1, eight in a row. */
export async function writeSheet(path: string, { data, shape }: NdArray): Promise<void> {
  const [count, height, width, channels] = shape;
  const columns = Math.min(8, count);
  const rows = Math.ceil(count / columns);
  const pixels = new Uint8Array(rows * height * columns * width * 3);
  for (let i = 0; i < count * height * width; i++) {
    const [image, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const row = Math.floor(image / columns) * height + y;
    const column = (image % columns) * width + x;
    for (let c = 0; c < 3; c++) {
      const value = data[i * channels + (channels === 3 ? c : 0)];
      pixels[(row * columns * width + column) * 3 + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  await Deno.writeFile(
    path,
    await formats.encodePng(ndarray("uint8", [rows * height, columns * width, 3], pixels)),
  );
}
