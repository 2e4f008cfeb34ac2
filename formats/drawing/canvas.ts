/** A surface to draw pictures on: rectangles, other pictures, and text in a small font. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { glyphHeight, glyphWidth, isInk } from "./glyphs.ts";

/** Pixels from one character to the next. */
const glyphAdvance = glyphWidth + 1;

/** Red, green and blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** Where something is drawn: the pixels from the left and from the top to its top left corner. */
export interface Place {
  /** Pixels from the left edge of the canvas. */
  readonly x: number;
  /** Pixels from the top edge of the canvas. */
  readonly y: number;
}

/** How wide {@linkcode Canvas.drawText} draws a text, in pixels. */
export function textWidth(text: string, zoom = 1): number {
  return Math.max(0, text.length * glyphAdvance - 1) * zoom;
}

/** How high a line of text is, in pixels. */
export function textHeight(zoom = 1): number {
  return glyphHeight * zoom;
}

/**
 * A picture to draw on. Whatever sticks out beyond its edges is left out.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const canvas = new formats.Canvas(20, 60, [255, 255, 255]);
 * canvas.drawText("frog", { x: 4, y: 4 }, [0, 120, 0], 2);
 * console.log(canvas.image.shape); // [20, 60, 3]
 * const file = await formats.encodePng(canvas.image);
 * ```
 */
export class Canvas {
  /** The picture, uint8 `[height, width, 3]`; it changes as more is drawn. */
  readonly image: NdArray;
  readonly #height: number;
  readonly #width: number;

  /**
   * Makes a canvas of one colour.
   *
   * @param height Pixels from top to bottom.
   * @param width Pixels from left to right.
   * @param background That colour.
   */
  constructor(height: number, width: number, background: Color) {
    this.#height = height;
    this.#width = width;
    this.image = ndarray("uint8", [height, width, 3], new Uint8Array(height * width * 3));
    this.fillRectangle({ x: 0, y: 0 }, height, width, background);
  }

  /** Fills a rectangle with one colour. */
  fillRectangle({ x, y }: Place, height: number, width: number, color: Color): void {
    const right = Math.min(x + width, this.#width);
    const bottom = Math.min(y + height, this.#height);
    for (let row = Math.max(y, 0); row < bottom; row++) {
      for (let column = Math.max(x, 0); column < right; column++) {
        this.image.data.set(color, (row * this.#width + column) * 3);
      }
    }
  }

  /**
   * Draws a picture, each of its pixels as a square.
   *
   * @param image uint8 `[height, width, 3]`.
   * @param zoom The side of a square in pixels.
   * @throws {RangeError} when the shape is another.
   */
  drawImage(image: NdArray, { x, y }: Place, zoom = 1): void {
    const [height, width, channels] = image.shape;
    if (image.shape.length !== 3 || channels !== 3) {
      throw new RangeError(
        `Cannot draw a picture of shape [${image.shape.join(", ")}]: [height, width, 3] is needed`,
      );
    }
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = (row * width + column) * 3;
        const [red, green, blue] = image.data.subarray(at, at + 3);
        this.fillRectangle({ x: x + column * zoom, y: y + row * zoom }, zoom, zoom, [red, green, blue]);
      }
    }
  }

  /**
   * Draws a line of text, 8 pixels high and 6 a character.
   *
   * @param text Printable ASCII; anything else looks like `?`.
   * @param zoom The side of the squares that the characters consist of, in pixels.
   */
  drawText(text: string, { x, y }: Place, color: Color, zoom = 1): void {
    for (const [i, character] of [...text].entries()) {
      for (let row = 0; row < glyphHeight; row++) {
        for (let column = 0; column < glyphWidth; column++) {
          if (!isInk(character, row, column)) continue;
          const left = x + (i * glyphAdvance + column) * zoom;
          this.fillRectangle({ x: left, y: y + row * zoom }, zoom, zoom, color);
        }
      }
    }
  }
}
