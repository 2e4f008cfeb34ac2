/** Reads WebP files, by a library that is loaded with the first of them. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { checkWebpHeader } from "./webp_header.ts";
import { loadWebpDecoder } from "./webp_library.ts";

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
  const { width, height } = checkWebpHeader(bytes, file);
  const decode = await loadWebpDecoder(file);
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  const picture = await decode(own.buffer as ArrayBuffer).catch(() => undefined);
  if (picture?.width !== width || picture.height !== height) {
    throw new FormatError("WebP", file, "its pixels are damaged");
  }
  const { buffer, byteOffset, byteLength } = picture.data;
  return ndarray("uint8", [height, width, 4], new Uint8Array(buffer, byteOffset, byteLength));
}
