/** Writes PNG files. Source: https://www.w3.org/TR/png-3/ */
import type { NdArray } from "../../engine/array.ts";
import { makeChunk, pngSignature } from "./png_chunks.ts";
import { filterRows } from "./png_filter.ts";
import { type PngText, textChunks } from "./png_text.ts";

/** The number that PNG gives to a kind of picture, by its channels. */
const colorTypes = new Map([[1, 0], [3, 2], [4, 6]]);

/**
 * Writes a picture as a PNG file.
 *
 * @param image uint8 `[height, width, channels]`: 1 channel is grey, 3 are red, green and blue, 4 are these and
 * the opacity; 0 to 255.
 * @param options `text`: texts that lie in the file beside the picture, by their names ({@linkcode readPngText}).
 * @returns The file's bytes; the same for the same picture.
 * @throws {TypeError} when the dtype is not uint8.
 * @throws {RangeError} when the shape is not that of a picture, or a text has no name that PNG allows.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const red = { dtype: "uint8", shape: [1, 2, 3], data: new Uint8Array([255, 0, 0, 255, 0, 0]) } as const;
 * const bytes = await formats.encodePng(red);
 * console.log(new TextDecoder().decode(bytes.subarray(1, 4))); // "PNG"
 * ```
 */
export async function encodePng(
  image: NdArray,
  options: { readonly text?: PngText } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const [height, width, channels] = image.shape;
  const colorType = colorTypes.get(channels);
  if (image.dtype !== "uint8") {
    throw new TypeError(`Cannot write a PNG: uint8 is needed, received ${image.dtype}`);
  }
  if (image.shape.length !== 3 || colorType === undefined || height * width === 0) {
    throw new RangeError(
      `Cannot write a PNG of shape [${
        image.shape.join(", ")
      }]: [height, width, channels] is needed, with 1, 3 or ` +
        `4 channels and at least one pixel`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colorType], 8);
  const rows = filterRows(image.data as Uint8Array, width * channels, channels);
  const compressed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const file = new Blob([
    new Uint8Array(pngSignature),
    makeChunk("IHDR", header),
    ...textChunks(options.text ?? {}),
    makeChunk("IDAT", await new Response(compressed).bytes()),
    makeChunk("IEND", new Uint8Array(0)),
  ]);
  return await file.bytes();
}
