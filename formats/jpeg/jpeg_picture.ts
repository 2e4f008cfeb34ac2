/** The pixels of a JPEG file. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { toRgb } from "./jpeg_colors.ts";
import type { JpegComponent, JpegHeader } from "./jpeg_header.ts";
import { reduceSamples, toSamples } from "./jpeg_transform.ts";

/** How many pixels of a file, in both directions, become one. */
export type Reduction = 1 | 2 | 4 | 8;

/** The pixels, where they will be, upright. */
export class JpegPicture {
  readonly #header: JpegHeader;
  readonly #reduction: Reduction;
  readonly #height: number;
  readonly #width: number;
  readonly #shape: readonly number[];
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #samples = new Uint8ClampedArray(64);
  /** Where the pixels of each row and column of a block begin, and where the last one's end. */
  readonly #tops = new Int32Array(9);
  readonly #lefts = new Int32Array(9);
  /** Bytes from the start to the pixel at the top left as stored, from it to the one below, and to the next in its row. */
  readonly #origin: number;
  readonly #down: number;
  readonly #across: number;
  /** Values that a pixel has until the end. */
  readonly #channels: number;

  constructor(header: JpegHeader, reduction: Reduction = 1) {
    const { orientation, components } = header;
    const [height, width] = [header.height, header.width].map((side) => Math.ceil(side / reduction));
    this.#header = header;
    this.#reduction = reduction;
    this.#height = height;
    this.#width = width;
    this.#channels = Math.max(3, components.length);
    // Exif: 2 to 4 mirror or turn by a half, 5 to 8 also swap rows and columns.
    const isSwapped = orientation >= 5;
    const isFromRight = [2, 3, 7, 8].includes(orientation);
    const isFromBottom = [3, 4, 6, 7].includes(orientation);
    this.#shape = isSwapped ? [width, height, 3] : [height, width, 3];
    const down = this.#channels * (isSwapped ? 1 : width);
    const across = this.#channels * (isSwapped ? height : 1);
    this.#origin = (isFromBottom ? (height - 1) * down : 0) + (isFromRight ? (width - 1) * across : 0);
    this.#down = isFromBottom ? -down : down;
    this.#across = isFromRight ? -across : across;
    this.#data = new Uint8Array(height * width * this.#channels);
  }

  /** Puts a block's samples where they belong: a sample of a coarser component covers several pixels. */
  place(
    component: JpegComponent,
    row: number,
    column: number,
    block: ArrayLike<number>,
    at: number,
    quantization: Uint16Array,
  ): void {
    if (row >= component.blocksDown || column >= component.blocksAcross) return; // sticks out of the picture
    const samples = this.#samples;
    const { components, down, across } = this.#header;
    const [coarseDown, coarseAcross] = [down / component.down, across / component.across];
    const reduction = ownReduction(this.#reduction, Math.min(coarseDown, coarseAcross));
    toSamples(block, at, quantization, samples, reduction === 8);
    if (reduction > 1) reduceSamples(samples, reduction);
    const side = 8 / reduction;
    const [tops, lefts] = [this.#tops, this.#lefts];
    const tall = coarseDown * reduction / this.#reduction;
    const wide = coarseAcross * reduction / this.#reduction;
    for (let i = 0; i <= side; i++) {
      tops[i] = Math.min(Math.ceil((side * row + i) * tall), this.#height);
      lefts[i] = Math.min(Math.ceil((side * column + i) * wide), this.#width);
    }
    const channel = this.#origin + components.indexOf(component);
    const [data, toNext] = [this.#data, this.#across];
    for (let v = 0; v < side; v++) {
      for (let y = tops[v]; y < tops[v + 1]; y++) {
        let to = channel + y * this.#down + lefts[0] * toNext;
        for (let h = 0; h < side; h++) {
          const value = samples[side * v + h];
          for (let x = lefts[h]; x < lefts[h + 1]; x++, to += toNext) data[to] = value;
        }
      }
    }
  }

  /** The picture in red, green and blue. */
  finish(): NdArray {
    return ndarray("uint8", this.#shape, toRgb(this.#data, this.#header.colors));
  }
}

/** How many samples become one of a component that is coarser than others: it needs less. */
function ownReduction(reduction: Reduction, coarse: number): number {
  const own = reduction / coarse;
  if (own < 1) return 1;
  return 8 % own === 0 ? own : reduction;
}
