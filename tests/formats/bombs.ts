/** Small files that ask for much memory or time: each is refused, or is the small picture that it is. */
import { deflateSync } from "node:zlib";
import { makeChunk, pngSignature } from "../../formats/png/png_chunks.ts";
import { concat } from "../data/make_tar.ts";
import { jpegSamples } from "./jpeg_samples.ts";

function times(part: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(part.length * count);
  for (let i = 0; i < count; i++) whole.set(part, i * part.length);
  return whole;
}

/** A PNG header: depth and kind are as in the file, kind 2 is colour, 6 colour with opacity. */
export function pngHeader(width: number, height: number, depth: number, kind: number, interlaced = 0) {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, kind, 0, 0, interlaced], 8);
  return makeChunk("IHDR", data);
}

/** A PNG file of parts. */
export function pngOf(...parts: readonly Uint8Array[]): Uint8Array {
  return concat([new Uint8Array(pngSignature), ...parts, makeChunk("IEND", new Uint8Array(0))]);
}

/** Zeros, compressed. */
export const zeros = (length: number) => new Uint8Array(deflateSync(new Uint8Array(length), { level: 9 }));

const small = () => pngHeader(8, 8, 8, 2);
const smallPixels = () => makeChunk("IDAT", zeros(8 * 25));
const nothing = new Uint8Array(0);

/** A part of a JPEG file. */
export function jpegPart(marker: number, data: ArrayLike<number>): Uint8Array {
  return new Uint8Array([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255, ...Array.from(data)]);
}

/** A JPEG header; components are numbered from 1 and have factors of 1 unless others are given. */
export function jpegFrame(kind: number, width: number, height: number, components: number, factors = 0x11) {
  const each = Array.from({ length: components }, (_, i) => [i + 1, i === 0 ? factors : 0x11, 0]).flat();
  return jpegPart(0xc0 + kind, [8, height >> 8, height & 255, width >> 8, width & 255, components, ...each]);
}

const start = new Uint8Array([0xff, 0xd8]);
const end = new Uint8Array([0xff, 0xd9]);
const ones = jpegPart(0xdb, [0, ...new Array(64).fill(1)]);
/** Tables of one code, of one bit, for the byte 0; for first coefficients, then for others: the end of a block. */
const codesOfOneBit = concat([
  jpegPart(0xc4, [0, 1, ...new Array(16).fill(0)]),
  jpegPart(0xc4, [16, 1, ...new Array(16).fill(0)]),
]);
const oneScan = (components: number, from: number, to: number, bits: number) =>
  jpegPart(0xda, [
    components,
    ...Array.from({ length: components }, (_, i) => [i + 1, 0]).flat(),
    from,
    to,
    bits,
  ]);

/** A safetensors file of a header and no data. */
function safetensors(header: string): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

const numbered = (count: number, field: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => field(i)).join();

/** Pictures, by what they are. */
export const pictureBombs: Record<string, () => Uint8Array> = {
  "a JPEG of 40 bytes that claims 10000 x 9999": () =>
    concat([start, jpegFrame(0, 10000, 9999, 3), new Uint8Array(19)]),
  "a JPEG of 60 components": () => concat([start, jpegFrame(0, 8000, 8000, 60), new Uint8Array(100_000)]),
  "a JPEG of 4 x 4 samples and one column": () =>
    concat([
      start,
      ones,
      codesOfOneBit,
      jpegFrame(0, 1, 65535, 3, 0x44),
      oneScan(3, 0, 63, 0),
      new Uint8Array(200_000),
      end,
    ]),
  "a JPEG of thousands of scans": () =>
    concat([
      start,
      ones,
      codesOfOneBit,
      jpegFrame(2, 2000, 2000, 1),
      times(concat([oneScan(1, 0, 0, 0), new Uint8Array(8000)]), 1000),
      end,
    ]),
  "a JPEG of thousands of scans that add nothing": () =>
    concat([
      start,
      ones,
      codesOfOneBit,
      jpegFrame(2, 4000, 4000, 1),
      oneScan(1, 0, 0, 0),
      new Uint8Array(32_000),
      times(concat([oneScan(1, 1, 63, 0), new Uint8Array(32_000)]), 300),
      end,
    ]),
  "a JPEG with a scan for every bit of every coefficient": () => {
    // Each says of 32,767 blocks in two bytes that there is nothing.
    const codes = jpegPart(0xc4, [16, 1, ...new Array(15).fill(0), 0xe0]);
    const rest = Array.from({ length: 63 }, (_, i) => {
      return Array.from({ length: 14 }, (_, bit) => [
        jpegPart(0xda, [1, 1, 0, i + 1, i + 1, bit === 0 ? 13 : (14 - bit) << 4 | 13 - bit]),
        times(new Uint8Array([0x7f, 0xfe]), 10),
      ]);
    });
    const first = [oneScan(1, 0, 0, 0), new Uint8Array(33_000)];
    return concat([
      start,
      ones,
      codesOfOneBit,
      codes,
      jpegFrame(2, 4000, 4000, 1),
      ...first,
      ...rest.flat(2),
      end,
    ]);
  },
  "a JPEG of nothing but empty parts": () => concat([start, times(jpegPart(0xe0, []), 1_000_000)]),
  "a JPEG of nothing but code tables": () =>
    concat([
      start,
      times(jpegPart(0xc4, [0, 1, ...new Array(16).fill(0)]), 500_000),
      jpegSamples.baseline.subarray(2),
    ]),
  "a JPEG with restart markers that never come": () =>
    concat([
      start,
      ones,
      codesOfOneBit,
      jpegFrame(0, 8000, 8000, 1),
      jpegPart(0xdd, [0, 1]),
      oneScan(1, 0, 63, 0),
      new Uint8Array(300_000),
      end,
    ]),
  "a JPEG of nothing but 0xff": () => concat([start, new Uint8Array(10_000_000).fill(0xff)]),
  "a PNG of 8 x 8 with a stream of 200 MB": () => pngOf(small(), makeChunk("IDAT", zeros(200_000_000))),
  "a PNG with a million empty parts of pixels": () =>
    pngOf(small(), times(makeChunk("IDAT", nothing), 1_000_000), smallPixels()),
  "a PNG with a byte in each part of pixels, and a million behind them": () =>
    pngOf(
      small(),
      ...Array.from(smallPixels().subarray(8, -4), (byte) => makeChunk("IDAT", new Uint8Array([byte]))),
      times(makeChunk("IDAT", new Uint8Array(1)), 1_000_000),
    ),
  "a PNG with half a million palettes": () =>
    pngOf(small(), times(makeChunk("PLTE", new Uint8Array(3)), 500_000), smallPixels()),
  "a PNG that claims 10000 x 9999": () => pngOf(pngHeader(10000, 9999, 16, 6, 1), smallPixels()),
  "a PNG of one row of a hundred million pixels": () =>
    pngOf(pngHeader(100_000_000, 1, 16, 6), makeChunk("IDAT", zeros(1_000_000))),
  "a PNG of one column of a hundred million pixels": () =>
    pngOf(pngHeader(1, 100_000_000, 1, 0), makeChunk("IDAT", zeros(1_000_000))),
};

/** Safetensors files, by what they are. */
export const tensorBombs: Record<string, () => Uint8Array> = {
  "a header of 400,000 entries": () =>
    safetensors(`{${numbered(400_000, (i) => `"t${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)}}`),
  "a header of a million texts": () =>
    safetensors(`{"__metadata__":{${numbered(1_000_000, (i) => `"k${i}":"some text"`)}}}`),
  "a header of lists in lists": () => safetensors(`{"a":${"[".repeat(14e6)}${"]".repeat(14e6)}}`),
  "a header of objects in objects": () => safetensors(`${'{"a":'.repeat(4e6)}1${"}".repeat(4e6)}`),
  "a shape of millions of axes": () =>
    safetensors(`{"a":{"dtype":"U8","shape":[${"1,".repeat(14e6)}1],"data_offsets":[0,1]}}`),
  "a description of lists in lists": () =>
    safetensors(
      `{"__metadata__":{"gesso":"{\\"version\\":1,\\"layers\\":${"[".repeat(7e6)}${"]".repeat(7e6)}}"}}`,
    ),
};

/** A JPEG file of one scan of zeros. */
function largeJpeg(kind: number, components: number, to: number, length: number): Uint8Array {
  const frame = jpegFrame(kind, 4000, 4000, components);
  return concat([
    start,
    ones,
    codesOfOneBit,
    frame,
    oneScan(components, 0, to, 0),
    new Uint8Array(length),
    end,
  ]);
}

/** Large pictures from small files that are as they should be, with the bytes that the decoded picture has. */
export const largePictures: Record<string, { make: () => Uint8Array; bytes: number }> = {
  "a progressive JPEG in inks": { make: () => largeJpeg(2, 4, 0, 126_000), bytes: 4000 * 4000 * 3 },
  "a PNG in colour with opacity": {
    make: () => pngOf(pngHeader(4000, 3000, 8, 6), makeChunk("IDAT", zeros(3000 * 16_001))),
    bytes: 4000 * 3000 * 4,
  },
  "a PNG of 16 bits a sample": {
    make: () => pngOf(pngHeader(4000, 3000, 16, 2), makeChunk("IDAT", zeros(3000 * 24_001))),
    bytes: 4000 * 3000 * 3,
  },
  "a JPEG in colour": { make: () => largeJpeg(0, 3, 63, 190_000), bytes: 4000 * 4000 * 3 },
};
