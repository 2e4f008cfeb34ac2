/** Reads PNG files of every kind. Source: https://www.w3.org/TR/png-3/ */
import { type NdArray, ndarray } from "../engine/array.ts";
import { FormatError } from "./format_error.ts";
import { checkImageSize } from "./image_size.ts";
import { readChunks } from "./png_chunks.ts";
import { unfilterRows } from "./png_filter.ts";

interface PngHeader {
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

/**
 * Reads a PNG file: grey, colour or palette, 1 to 16 bits a sample, with and without opacity, interlaced or not.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns uint8 `[height, width, channels]`, 0 to 255: 1 channel for grey, 3 for colour, 4 where the file has
 * opacities. 16 bits are rounded to 8.
 * @throws {FormatError} naming the file, when it is short, changed, or larger than 100 million pixels.
 *
 * @example
 * ```ts
 * import { decodePng, encodePng } from "@gesso/gesso";
 *
 * const red = { dtype: "uint8", shape: [1, 2, 3], data: new Uint8Array([255, 0, 0, 255, 0, 0]) } as const;
 * const image = await decodePng(await encodePng(red));
 * console.log(image.shape); // [1, 2, 3]
 * ```
 */
export async function decodePng(bytes: Uint8Array, file = "bytes"): Promise<NdArray> {
  const chunks = readChunks(bytes, file);
  const [headerBytes] = chunks.get("IHDR")!;
  const [palette] = chunks.get("PLTE")!;
  const [transparency] = chunks.get("tRNS")!;
  const header = readHeader(headerBytes, file);
  try {
    const samples = await readSamples(chunks.get("IDAT")!, header);
    if (header.indexed) return fromPalette(samples, header, palette, transparency);
    return toBytes(samples, header, transparency);
  } catch (cause) {
    throw new FormatError("PNG", file, (cause as Error).message, { cause });
  }
}

function readHeader(bytes: Uint8Array, file: string): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = kinds.get(bytes[9]);
  if (bytes.length !== 13 || !kind?.depths.includes(bytes[8]) || bytes[10] + bytes[11] > 0 || bytes[12] > 1) {
    throw new FormatError("PNG", file, `its header, ${bytes.toHex()}, is of no known kind`);
  }
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  checkImageSize("PNG", file, height, width);
  return { height, width, depth: bytes[8], ...kind, interlaced: bytes[12] === 1 };
}

/** Where the first pixel of each pass of an interlaced picture is, and how far it is to the next. */
const interlacedPasses = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Takes the samples out of the compressed rows, in the order of the pixels. */
async function readSamples(parts: Uint8Array[], header: PngHeader): Promise<Uint8Array | Uint16Array> {
  const { height, width, depth, channels, interlaced } = header;
  const passes = (interlaced ? interlacedPasses : [{ x: 0, y: 0, dx: 1, dy: 1 }]).map((pass) => {
    const columns = Math.ceil((width - pass.x) / pass.dx);
    const rows = Math.ceil((height - pass.y) / pass.dy);
    return { ...pass, columns, rows, rowBytes: Math.ceil(columns * channels * depth / 8) };
  }).filter(({ columns, rows }) => columns > 0 && rows > 0);
  const length = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0);
  const filtered = await inflate(parts, length);

  const samples = new (depth === 16 ? Uint16Array : Uint8Array)(height * width * channels);
  let start = 0;
  for (const { x, y, dx, dy, columns, rows, rowBytes } of passes) {
    const end = start + rows * (rowBytes + 1);
    const bytes = unfilterRows(filtered.subarray(start, end), rowBytes, Math.ceil(channels * depth / 8));
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const to = ((y + row * dy) * width + x + column * dx) * channels;
        for (let channel = 0; channel < channels; channel++) {
          const bit = (column * channels + channel) * depth;
          const at = row * rowBytes + (bit >> 3);
          if (depth === 8) samples[to + channel] = bytes[at];
          else if (depth === 16) samples[to + channel] = bytes[at] << 8 | bytes[at + 1];
          else samples[to + channel] = bytes[at] >> (8 - depth - (bit & 7)) & (2 ** depth - 1);
        }
      }
    }
    start = end;
  }
  return samples;
}

/** Bytes that deflate makes of one at most; a file that claims more pixels than that is refused unread. */
const mostInflation = 1032;

/** Decompresses `length` bytes; a file that would give more is not followed further. */
async function inflate(parts: Uint8Array[], length: number): Promise<Uint8Array> {
  const compressed = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > compressed * mostInflation) {
    throw new RangeError(`its pixels need ${length} bytes and it holds ${compressed}, compressed`);
  }
  const out = new Uint8Array(length);
  const stream = new Blob(parts as Uint8Array<ArrayBuffer>[]).stream().pipeThrough(
    new DecompressionStream("deflate"),
  );
  let at = 0;
  for await (const bytes of stream) {
    out.set(bytes.subarray(0, length - at), at);
    at = Math.min(at + bytes.length, length);
    if (at === length) return out;
  }
  throw new RangeError(`its pixels need ${length} bytes and it holds ${at}`);
}

function fromPalette(
  samples: ArrayLike<number>,
  { height, width }: PngHeader,
  palette: Uint8Array = new Uint8Array(0),
  opacities?: Uint8Array,
): NdArray {
  const channels = opacities ? 4 : 3;
  const out = new Uint8Array(samples.length * channels);
  for (let i = 0, to = 0; i < samples.length; i++, to += channels) {
    const from = 3 * samples[i];
    if (from + 3 > palette.length) {
      throw new RangeError(`it uses colour ${samples[i]} of a palette of ${palette.length / 3}`);
    }
    for (let channel = 0; channel < 3; channel++) out[to + channel] = palette[from + channel];
    if (opacities) out[to + 3] = opacities[samples[i]] ?? 255;
  }
  return ndarray("uint8", [height, width, channels], out);
}

function toBytes(samples: ArrayLike<number>, header: PngHeader, transparency?: Uint8Array): NdArray {
  const { height, width, depth, channels } = header;
  const scale = 255 / (2 ** depth - 1);
  const colors = channels > 2 ? 3 : 1;
  const outChannels = transparency || channels > colors ? 4 : colors;
  const isTransparent = (from: number) => {
    for (let i = 0; i < colors; i++) {
      if (samples[from + i] !== (transparency![2 * i] << 8 | transparency![2 * i + 1])) return false;
    }
    return true;
  };
  const out = new Uint8Array(height * width * outChannels);
  for (let from = 0, to = 0; from < samples.length; from += channels, to += outChannels) {
    for (let channel = 0; channel < Math.min(outChannels, 3); channel++) {
      out[to + channel] = Math.round(samples[from + (colors === 1 ? 0 : channel)] * scale);
    }
    if (channels > colors) out[to + 3] = Math.round(samples[from + colors] * scale);
    else if (transparency) out[to + 3] = isTransparent(from) ? 0 : 255;
  }
  return ndarray("uint8", [height, width, outChannels], out);
}
