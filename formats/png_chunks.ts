/** The parts that a PNG file consists of, each with its length and checksum. */
import { FormatError } from "./format_error.ts";

/** The first bytes of every PNG file. */
export const pngSignature: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Makes a chunk: the length of its data, its type, the data, a checksum. */
export function makeChunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/**
 * Takes a PNG file apart. Chunks that do not change a pixel, such as texts and dates, are left out unchecked.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns The data of the header, of the palette, of the transparent colours and of the pixels, in file order.
 * @throws {FormatError} when the file is cut, a checksum is wrong, or the header or the pixels are missing.
 */
export function readChunks(bytes: Uint8Array, file: string): Map<string, Uint8Array[]> {
  if (!pngSignature.every((byte, i) => bytes[i] === byte)) {
    throw new FormatError("PNG", file, "it does not start like a PNG file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks = new Map<string, Uint8Array[]>([["IHDR", []], ["PLTE", []], ["tRNS", []], ["IDAT", []]]);
  for (let at = 8, type = ""; type !== "IEND";) {
    const length = at + 8 <= bytes.length ? view.getUint32(at) : 0;
    const end = at + 12 + length;
    if (end > bytes.length) {
      throw new FormatError(
        "PNG",
        file,
        `the part at byte ${at} is cut: the file ends at byte ${bytes.length}`,
      );
    }
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const kept = chunks.get(type);
    if (kept && view.getUint32(end - 4) !== crc32(bytes.subarray(at + 4, end - 4))) {
      throw new FormatError("PNG", file, `the checksum of the part ${type} at byte ${at} is wrong`);
    }
    kept?.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  for (const type of ["IHDR", "IDAT"]) {
    if (chunks.get(type)?.length === 0) throw new FormatError("PNG", file, `it has no part ${type}`);
  }
  return chunks;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
