/** The header of a PNG file. Source: https://www.w3.org/TR/png-3/ */
import { FormatError } from "../format_error.ts";
import { checkImageSize } from "../image/image_size.ts";

/** What a PNG file's pixels are. */
export interface PngHeader {
  readonly height: number;
  readonly width: number;
  /** Bits a sample. */
  readonly depth: number;
  /** Samples a pixel. */
  readonly channels: number;
  readonly indexed: boolean;
  readonly interlaced: boolean;
}

/** The kinds of picture, by their number in the header. */
const kinds = new Map([
  [0, { channels: 1, indexed: false, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, indexed: false, depths: [8, 16] }],
  [3, { channels: 1, indexed: true, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, indexed: false, depths: [8, 16] }],
  [6, { channels: 4, indexed: false, depths: [8, 16] }],
]);

/** Reads a header; throws when it is of no known kind, or its picture is too large. */
export function readHeader(bytes: Uint8Array, file: string): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = kinds.get(bytes[9]);
  if (bytes.length !== 13 || !kind?.depths.includes(bytes[8]) || bytes[10] + bytes[11] > 0 || bytes[12] > 1) {
    throw new FormatError("PNG", file, `its header, ${bytes.toHex()}, is of no known kind`);
  }
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  checkImageSize("PNG", file, height, width);
  return { height, width, depth: bytes[8], ...kind, interlaced: bytes[12] === 1 };
}
