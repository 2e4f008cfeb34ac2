/** Pictures of MNIST's files: gzipped IDX, in one piece or in several. */
import { type NdArray, ndarray } from "@gesso/gesso";

/** The images of the files in a folder whose names begin so, `[images, 28, 28, 1]`. */
export async function idxImages(folder: string, beginning: string): Promise<NdArray<"uint8">> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(beginning) && name.endsWith(".gz")) names.push(name);
  }
  if (names.length === 0) throw new Error(`Cannot read images: ${folder} has no ${beginning}*.gz`);
  const pieces = await Promise.all(
    names.sort().map(async (name) => {
      const { readable } = await Deno.open(`${folder}/${name}`);
      const bytes = await new Response(readable.pipeThrough(new DecompressionStream("gzip"))).bytes();
      const [magic, count, rows, columns] = [0, 4, 8, 12].map((at) =>
        new DataView(bytes.buffer).getUint32(at)
      );
      if (magic !== 0x803 || rows !== 28 || columns !== 28 || bytes.length !== 16 + count * 784) {
        throw new Error(`Cannot read ${name}: it is no IDX file of images of 28x28 pixels`);
      }
      return bytes.subarray(16);
    }),
  );
  const count = pieces.reduce((sum, piece) => sum + piece.length / 784, 0);
  const pixels = new Uint8Array(count * 784);
  let at = 0;
  for (const piece of pieces) {
    pixels.set(piece, at);
    at += piece.length;
  }
  return ndarray("uint8", [count, 28, 28, 1], pixels);
}
