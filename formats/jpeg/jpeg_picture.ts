/** The pixels of a JPEG file. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { toRgb } from "./jpeg_colors.ts";
import type { JpegComponent, JpegHeader } from "./jpeg_header.ts";
import { toSamples } from "./jpeg_transform.ts";

/** The pixels, where they will be, upright. */
export class JpegPicture {
  readonly #header: JpegHeader;
  readonly #shape: readonly number[];
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #samples = new Uint8ClampedArray(64);
  /** Bytes from the start to the pixel at the top left as stored, from it to the one below, and to the next in its row. */
  readonly #origin: number;
  readonly #down: number;
  readonly #across: number;
  /** Values that a pixel has until the end. */
  readonly #channels: number;

  constructor(header: JpegHeader) {
    const { height, width, orientation, components } = header;
    this.#header = header;
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
    const { height, width, components } = this.#header;
    const samples = this.#samples;
    toSamples(block, at, quantization, samples);
    const channel = this.#origin + components.indexOf(component);
    const [tall, wide] = [this.#header.down / component.down, this.#header.across / component.across];
    for (let v = 0; v < 8; v++) {
      const bottom = Math.min(Math.ceil((8 * row + v + 1) * tall), height);
      for (let y = Math.ceil((8 * row + v) * tall); y < bottom; y++) {
        for (let h = 0, x = Math.ceil(8 * column * wide); h < 8; h++) {
          const right = Math.min(Math.ceil((8 * column + h + 1) * wide), width);
          for (const value = samples[8 * v + h]; x < right; x++) {
            this.#data[channel + y * this.#down + x * this.#across] = value;
          }
        }
      }
    }
  }

  /** The picture in red, green and blue. */
  finish(): NdArray {
    return ndarray("uint8", this.#shape, toRgb(this.#data, this.#header.colors));
  }
}
