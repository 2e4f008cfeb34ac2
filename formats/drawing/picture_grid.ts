/** Draws many small pictures in rows and columns: what a network made, say. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Canvas, type Color, textHeight, textWidth } from "./canvas.ts";

/** What {@linkcode pictureGrid} shows. */
export interface PictureGridOptions {
  /** The pictures, uint8 `[count, height, width, channels]`: 1 channel is grey, 3 are red, green and blue, 4 these and the opacity. */
  readonly images: NdArray;
  /**
   * Pictures in a row.
   *
   * @default {8}
   */
  readonly columns?: number;
  /** The side of the square that a pixel becomes; so that a picture is some 64 wide when left out. */
  readonly zoom?: number;
  /** Pixels between pictures; 2 when left out. */
  readonly gap?: number;
  /** What is written above each column. */
  readonly columnTitles?: readonly string[];
}

const paper: Color = [255, 255, 255];
const ink: Color = [60, 60, 60];
/** The two greys of the squares that show through where pictures are transparent, and the side of these in pixels of pictures. */
const squares: readonly [number, number] = [204, 238];
const SQUARE = 4;
const WIDTH = 64;

/**
 * Draws pictures of one size in rows and columns. Where they are transparent, light squares show through.
 *
 * @returns uint8 `[height, width, 3]`, for {@linkcode encodePng}.
 * @throws {RangeError} when the shape is not that of pictures, or an option is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const images = ndarray("uint8", [3, 2, 2, 1], new Uint8Array(12).fill(9));
 * assertEquals(formats.pictureGrid({ images, columns: 2, zoom: 1, gap: 1 }).shape, [7, 7, 3]);
 * ```
 */
export function pictureGrid(options: PictureGridOptions): NdArray {
  const { images, columns = 8, gap = 2, columnTitles = [] } = options;
  const [count, height, width, channels] = images.shape;
  if (
    images.dtype !== "uint8" || images.shape.length !== 4 || ![1, 3, 4].includes(channels) ||
    images.data.length === 0
  ) {
    throw new RangeError(
      `Cannot draw pictures of ${images.dtype} [${
        images.shape.join(", ")
      }]: uint8 [count, height, width, channels] is needed, with ` +
        "1, 3 or 4 channels and at least one picture",
    );
  }
  const { zoom = Math.max(1, Math.round(WIDTH / width)) } = options;
  for (const [name, value, least] of [["columns", columns, 1], ["zoom", zoom, 1], ["gap", gap, 0]] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new RangeError(
      `Cannot draw pictures with ${name} ${value}: a whole number from ${least} is needed`,
    );
  }
  const across = Math.min(columns, count);
  const rows = Math.ceil(count / across);
  const top = gap + (columnTitles.length > 0 ? textHeight() + 4 : 0);
  const step = { x: width * zoom + gap, y: height * zoom + gap };
  const canvas = new Canvas(top + rows * step.y, gap + across * step.x, paper);
  for (const [i, title] of columnTitles.slice(0, across).entries()) {
    const x = gap + i * step.x + Math.max(0, Math.floor((width * zoom - textWidth(title)) / 2));
    canvas.drawText(title, { x, y: gap + 2 }, ink);
  }
  for (let i = 0; i < count; i++) {
    const place = { x: gap + (i % across) * step.x, y: top + Math.floor(i / across) * step.y };
    canvas.drawImage(inColor(images, i), place, zoom);
  }
  return canvas.image;
}

/** One of the pictures, as red, green and blue. */
function inColor({ data, shape: [, height, width, channels] }: NdArray, picture: number): NdArray {
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) {
    const from = (picture * height * width + i) * channels;
    const opacity = channels === 4 ? data[from + 3] / 255 : 1;
    const isDark = (Math.floor(i / width / SQUARE) + Math.floor(i % width / SQUARE)) % 2;
    for (let c = 0; c < 3; c++) {
      pixels[3 * i + c] = Math.round(
        data[from + (channels === 1 ? 0 : c)] * opacity + squares[isDark] * (1 - opacity),
      );
    }
  }
  return ndarray("uint8", [height, width, 3], pixels);
}
