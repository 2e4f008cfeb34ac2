/** The parts that a PNG file consists of, each with its length and checksum. */
import { FormatError } from "../format_error.ts";

/** The first bytes of every PNG file. */
export const pngSignature: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Makes a chunk: the length of its data, its type, the data, a checksum. */
export function makeChunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes, 4, 8 + data.length));
  return bytes;
}

/** What a PNG file consists of, as far as pixels depend on it. */
export interface PngParts {
  readonly header: Uint8Array;
  readonly palette?: Uint8Array;
  /** Which colours are transparent. */
  readonly transparency?: Uint8Array;
  /** How many bytes the compressed pixels have. */
  readonly pixelBytes: number;
  /**
   * The compressed pixels, in pieces of a length, or less at the end, however they are divided in the file.
   */
  pixels(length: number): Generator<Uint8Array<ArrayBuffer>>;
}

const typeOf = (name: string) => [...name].reduce((type, letter) => type << 8 | letter.charCodeAt(0), 0);
const [headerType, paletteType, transparencyType, pixelType, endType] = [
  "IHDR",
  "PLTE",
  "tRNS",
  "IDAT",
  "IEND",
]
  .map(typeOf);

/**
 * Takes a PNG file apart. Parts that do not change a pixel, such as texts and dates, are left out unchecked. What is
 * kept does not grow with the number of parts.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @throws {FormatError} when the file is cut, a checksum is wrong, or the header or the pixels are missing.
 */
export function readChunks(bytes: Uint8Array, file: string): PngParts {
  const first = new Map<number, Uint8Array>();
  let firstPixels = 0;
  let pixelBytes = 0;
  for (const { type, at, end } of chunks(bytes, file)) {
    if (![headerType, paletteType, transparencyType, pixelType].includes(type)) continue;
    checkSum(bytes, at, end, file);
    if (type === pixelType) {
      firstPixels ||= at;
      pixelBytes += end - at - 12;
    } else if (!first.has(type)) first.set(type, bytes.subarray(at + 8, end - 4));
  }
  const header = first.get(headerType);
  if (!header || firstPixels === 0) {
    throw new FormatError("PNG", file, `it has no part ${header ? "IDAT" : "IHDR"}`);
  }
  return {
    header,
    palette: first.get(paletteType),
    transparency: first.get(transparencyType),
    pixelBytes,
    pixels: (length) => pieces(viewOf(bytes), firstPixels, length),
  };
}

/**
 * The data of all parts of a type, such as texts.
 *
 * @throws {FormatError} when the file is cut or no PNG file, or the checksum of such a part is wrong.
 */
export function* namedChunks(bytes: Uint8Array, name: string, file: string): Generator<Uint8Array> {
  for (const { type, at, end } of chunks(bytes, file)) {
    if (type !== typeOf(name)) continue;
    checkSum(bytes, at, end, file);
    yield bytes.subarray(at + 8, end - 4);
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** All parts, up to the last one; from its length to behind its checksum. */
function* chunks(
  bytes: Uint8Array,
  file: string,
): Generator<{ readonly type: number; readonly at: number; readonly end: number }> {
  if (!pngSignature.every((byte, i) => bytes[i] === byte)) {
    throw new FormatError("PNG", file, "it does not start like a PNG file");
  }
  const view = viewOf(bytes);
  for (let at = 8, type = 0; type !== endType;) {
    const length = at + 8 <= bytes.length ? view.getUint32(at) : 0;
    const end = at + 12 + length;
    if (end > bytes.length) {
      throw new FormatError(
        "PNG",
        file,
        `the part at byte ${at} is cut: the file ends at byte ${bytes.length}`,
      );
    }
    type = view.getInt32(at + 4);
    yield { type, at, end };
    at = end;
  }
}

function checkSum(bytes: Uint8Array, at: number, end: number, file: string): void {
  if (viewOf(bytes).getUint32(end - 4) === crc32(bytes, at + 4, end - 4)) return;
  const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  throw new FormatError("PNG", file, `the checksum of the part ${name} at byte ${at} is wrong`);
}

/** The data of the pixels' parts from `at` on, joined and divided anew. */
function* pieces(view: DataView, at: number, length: number): Generator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(length);
  let filled = 0;
  for (let type = 0; type !== endType; at += 12 + view.getUint32(at)) {
    type = view.getInt32(at + 4);
    if (type !== pixelType) continue;
    const end = at + 8 + view.getUint32(at);
    for (let from = at + 8; from < end;) {
      const count = Math.min(end - from, piece.length - filled);
      piece.set(new Uint8Array(view.buffer, view.byteOffset + from, count), filled);
      from += count;
      filled += count;
      if (filled < piece.length) continue;
      yield piece;
      piece = new Uint8Array(length);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  for (let i = from; i < to; i++) crc = crcTable[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
