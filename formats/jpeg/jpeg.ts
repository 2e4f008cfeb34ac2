/** Reads JPEG files, upright however the camera was held. */
import type { NdArray } from "../../engine/array.ts";

/**
 * Reads a JPEG file, baseline or progressive, grey, colour or CMYK. A picture that its camera marked as turned is
 * turned upright.
 *
 * Memory is taken once the file is known to be long enough for the pixels that it claims, and then less than twice
 * what the picture needs.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @param options `leastSide`: a picture whose shorter side has more pixels may come at a half, a quarter or an eighth of its size,
 * each pixel the mean of those that it stands for, as long as its shorter side has so many: that is up to four times as fast.
 * @returns uint8 `[height, width, 3]`: red, green and blue, 0 to 255.
 * @throws {FormatError} naming the file, when it is short, changed, or larger than 100 million pixels.
 *
 * @example
 * ```ts ignore
 * import { decodeJpeg } from "@gesso/gesso";
 *
 * const image = await decodeJpeg(await Deno.readFile("wave.jpg"), "wave.jpg");
 * console.log(image.shape); // [256, 462, 3]
 * ```
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  file = "bytes",
  options: { leastSide?: number } = {},
): Promise<NdArray> {
  const { readJpeg } = await import("./jpeg_decoder.ts"); // most programs read none
  return readJpeg(bytes, file, options.leastSide);
}
