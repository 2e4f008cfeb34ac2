/** Reads WebP files, by a library that is loaded with the first of them. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { checkWebpHeader } from "./webp_header.ts";
import { loadWebpDecoder } from "./webp_library.ts";

/** The picture in a WebP file, uint8 `[height, width, 4]`. */
export async function readWebp(bytes: Uint8Array, file: string): Promise<NdArray> {
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
