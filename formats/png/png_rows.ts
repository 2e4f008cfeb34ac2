/** The rows of a PNG file, from their bytes to pixels. Source: https://www.w3.org/TR/png-3/ */
import type { PngHeader } from "./png_header.ts";
import { unfilterRow } from "./png_filter.ts";

/** Every so many pixels of a picture, from a first one on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const whole: Pass = { x: 0, y: 0, dx: 1, dy: 1 };
/** Where the first pixel of each pass of an interlaced picture is, and how far it is to the next. */
const interlaced: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Takes unpacked bytes as they come and makes pixels of each row that is complete. */
export class PngRows {
  /** Values a pixel: 1 for grey, 3 for colour, 4 with opacity. */
  readonly channels: number;
  /** The pixels, row by row; empty before {@linkcode begin}. */
  data: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Bytes that are still needed. */
  bytesLeft: number;
  readonly #header: PngHeader;
  readonly #palette: Uint8Array;
  readonly #transparency?: Uint8Array;
  readonly #passes: readonly Pass[];
  #pass = 0;
  /** The row of the pass that is being filled, from 0, and how many of its bytes are there. */
  #row = 0;
  #filled = 0;
  #bytes = new Uint8Array(0);
  #above = new Uint8Array(0);
  /** Room for a row's samples, where they are not bytes. */
  #samples: Uint8Array | Uint16Array = new Uint8Array(0);

  constructor(header: PngHeader, palette: Uint8Array = new Uint8Array(0), transparency?: Uint8Array) {
    const { channels, indexed } = header;
    this.#header = header;
    this.#palette = palette;
    this.#transparency = transparency;
    const colors = indexed || channels > 2 ? 3 : 1;
    this.channels = transparency || channels === 2 || channels === 4 ? 4 : colors;
    this.#passes = (header.interlaced ? interlaced : [whole])
      .filter(({ x, y }) => x < header.width && y < header.height);
    this.bytesLeft = this.#passes.reduce((sum, pass) => {
      return sum + Math.ceil((header.height - pass.y) / pass.dy) * this.#rowBytes(pass);
    }, 0);
  }

  /** Takes the memory. */
  begin(): void {
    const { height, width } = this.#header;
    this.data = new Uint8Array(height * width * this.channels);
    this.#startPass();
  }

  /** Takes the next bytes; those that are too many are left out. */
  take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length && this.bytesLeft > 0;) {
      const count = Math.min(bytes.length - from, this.#bytes.length - this.#filled);
      this.#bytes.set(bytes.subarray(from, from + count), this.#filled);
      from += count;
      this.#filled += count;
      this.bytesLeft -= count;
      if (this.#filled === this.#bytes.length) this.#finishRow();
    }
  }

  /** Bytes of a row of a pass, with the number of its filter in front. */
  #rowBytes({ x, dx }: Pass): number {
    const { width, channels, depth } = this.#header;
    return 1 + Math.ceil(Math.ceil((width - x) / dx) * channels * depth / 8);
  }

  #startPass(): void {
    const length = this.#rowBytes(this.#passes[this.#pass]);
    this.#bytes = new Uint8Array(length);
    this.#above = new Uint8Array(length);
    this.#row = 0;
  }

  #finishRow(): void {
    const { channels, depth, height } = this.#header;
    const pass = this.#passes[this.#pass];
    const [filter] = this.#bytes;
    const row = this.#bytes.subarray(1);
    if (filter > 4) throw new RangeError(`row ${this.#row} has the filter ${filter}, and there are 0 to 4`);
    unfilterRow(filter, row, this.#above.subarray(1), Math.ceil(channels * depth / 8));
    this.#place(row, pass, pass.y + this.#row * pass.dy);
    [this.#bytes, this.#above] = [this.#above, this.#bytes];
    this.#filled = 0;
    this.#row++;
    if (pass.y + this.#row * pass.dy < height || this.bytesLeft === 0) return;
    this.#pass++;
    this.#startPass();
  }

  /** Puts the pixels of a row where they belong. */
  #place(row: Uint8Array, pass: Pass, y: number): void {
    const { width, channels, depth, indexed } = this.#header;
    const isAsItIs = depth === 8 && !indexed && channels === this.channels;
    if (isAsItIs && pass.dx === 1) {
      this.data.set(row, y * width * channels);
      return;
    }
    const first = (y * width + pass.x) * this.channels;
    const end = (y + 1) * width * this.channels;
    const step = pass.dx * this.channels;
    const samples = this.#samplesOf(row);
    if (indexed) this.#putIndexed(samples, first, end, step);
    else this.#putSamples(samples, first, end, step);
  }

  /** A row's samples, as numbers of their depth. */
  #samplesOf(row: Uint8Array): Uint8Array | Uint16Array {
    const { depth } = this.#header;
    if (depth === 8) return row;
    const samples = this.#samples.length === row.length * 8 / depth
      ? this.#samples
      : this.#samples = new (depth === 16 ? Uint16Array : Uint8Array)(row.length * 8 / depth);
    for (let i = 0; i < samples.length; i++) {
      const bit = i * depth;
      samples[i] = depth === 16
        ? row[2 * i] << 8 | row[2 * i + 1]
        : row[bit >> 3] >> (8 - depth - (bit & 7)) & (1 << depth) - 1;
    }
    return samples;
  }

  #putIndexed(samples: ArrayLike<number>, first: number, end: number, step: number): void {
    const [data, palette, opacities] = [this.data, this.#palette, this.#transparency];
    for (let to = first, i = 0; to < end; to += step, i++) {
      const index = samples[i];
      const from = 3 * index;
      if (from + 3 > palette.length) {
        throw new RangeError(`it uses colour ${index} of a palette of ${Math.floor(palette.length / 3)}`);
      }
      data[to] = palette[from];
      data[to + 1] = palette[from + 1];
      data[to + 2] = palette[from + 2];
      if (opacities) data[to + 3] = opacities[index] ?? 255;
    }
  }

  #putSamples(samples: ArrayLike<number>, first: number, end: number, step: number): void {
    const { channels, depth } = this.#header;
    const [data, transparency] = [this.data, this.#transparency];
    const scale = 255 / (2 ** depth - 1);
    const colors = channels > 2 ? 3 : 1;
    const shown = Math.min(this.channels, 3);
    // Grey with opacity becomes red, green and blue, which are all the same.
    const next = colors === 1 ? 0 : 1;
    const clear = transparency &&
      Array.from({ length: colors }, (_, i) => transparency[2 * i] << 8 | transparency[2 * i + 1]);
    for (let to = first, from = 0; to < end; to += step, from += channels) {
      for (let i = 0; i < shown; i++) data[to + i] = samples[from + i * next] * scale + 0.5;
      if (channels > colors) data[to + 3] = samples[from + colors] * scale + 0.5;
      else if (clear) data[to + 3] = clear.every((value, i) => samples[from + i] === value) ? 0 : 255;
    }
  }
}
