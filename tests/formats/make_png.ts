import { crc32, deflateSync } from "node:zlib";

/** What a PNG file of a test holds. */
export interface PngParts {
  width: number;
  height: number;
  /** Bits a sample. */
  depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey with opacity, 6 colour with opacity. */
  colorType: number;
  interlaced?: boolean;
  /** The rows before compression, each after its filter byte. */
  rows: number[];
  /** Chunks between the header and the pixels. */
  extra?: [type: string, data: number[]][];
}

/** Makes a PNG file of any kind, with other means than the code under test. */
export function makePng({ width, height, depth, colorType, interlaced, rows, extra = [] }: PngParts) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colorType, 0, 0, interlaced ? 1 : 0], 8);
  return new Uint8Array([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", header),
    ...extra.flatMap(([type, data]) => chunk(type, data)),
    ...chunk("IDAT", deflateSync(new Uint8Array(rows))),
    ...chunk("IEND", []),
  ]);
}

function chunk(type: string, data: ArrayLike<number>): number[] {
  const body = [...new TextEncoder().encode(type), ...Array.from(data)];
  const number = (value: number) => [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
  return [...number(data.length), ...body, ...number(crc32(new Uint8Array(body)))];
}
