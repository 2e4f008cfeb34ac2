/** What gzip has made smaller, whole in memory, up to a size. */
import { DataError } from "../data_error.ts";

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * What a gzip file holds.
 *
 * @param most The most bytes that may be: a small file can unpack to more than there is memory.
 * @param file What messages call it.
 * @throws {DataError} when it is none, is damaged, or holds more.
 */
export async function gunzip(
  bytes: Uint8Array,
  most: number,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const source = ReadableStream.from(pieces(bytes)).pipeThrough(new DecompressionStream("gzip"));
  try {
    for await (const part of source) {
      length += part.length;
      if (length > most) {
        throw new DataError(file, `Cannot read ${file}: it unpacks to more than ${most} bytes`);
      }
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(file, `Cannot read ${file}: it is no gzip file, or a damaged one`, { cause });
  }
  const unpacked = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    unpacked.set(part, at);
    at += part.length;
  }
  return unpacked;
}

/** Small ones, as all that a piece unpacks to (some thousandfold at most) comes at once. */
function* pieces(bytes: Uint8Array): Generator<BufferSource> {
  const size = 1 << 14;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size) as BufferSource;
}
