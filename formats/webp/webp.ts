/** Reads WebP files. */
import type { NdArray } from "../../engine/array.ts";

/**
 * Reads a WebP file, lossy or lossless. Needs Deno; the first one loads a library from npm, once for all programs, which needs no
 * permission.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns uint8 `[height, width, 4]`: red, green, blue and opacity, 0 to 255.
 * @throws {FormatError} naming the file, when it is short, changed, moves, or is larger than 100 million pixels.
 * @throws {Error} when the library can't be had.
 *
 * @example
 * ```ts ignore
 * import { decodeWebp } from "@gesso/gesso";
 *
 * const image = await decodeWebp(await Deno.readFile("wave.webp"), "wave.webp");
 * console.log(image.shape); // [256, 462, 4]
 * ```
 */
export async function decodeWebp(bytes: Uint8Array, file = "bytes"): Promise<NdArray> {
  const { readWebp } = await import("./webp_decoder.ts"); // most programs read none
  return await readWebp(bytes, file);
}
