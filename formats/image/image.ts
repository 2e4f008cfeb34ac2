/** Pictures from files of any size, as networks take them: red, green and blue, of one size. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { decodeJpeg } from "../jpeg/jpeg.ts";
import { jpegSignature } from "../jpeg/jpeg_signature.ts";
import { pngSignature } from "../png/png_chunks.ts";
import { decodePng } from "../png/png_decoder.ts";
import { decodeWebp } from "../webp/webp.ts";
import { isWebp } from "../webp/webp_signature.ts";
import { type Background, readBackground } from "./background.ts";

/**
 * Reads a PNG, JPEG or WebP file, whichever its first bytes say it is, as red, green and blue. Where a picture is
 * transparent, the background shows through.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @param options `background`: red, green and blue from 0 to 255; white when left out. `leastSide`: pixels that the shorter
 * side needs to have, so that a large JPEG file may be read at a part of its size, see {@linkcode decodeJpeg}.
 * @returns uint8 `[height, width, 3]`, 0 to 255.
 * @throws {FormatError} naming the file, when it is none, short, changed, or larger than 100 million pixels.
 * @throws {Error} for a WebP file when the library that reads it can't be loaded, see {@linkcode decodeWebp}.
 *
 * @example
 * ```ts ignore
 * import { decodeImage, resizeImage } from "@gesso/gesso";
 *
 * const photo = await decodeImage(await Deno.readFile("frog.jpg"), "frog.jpg");
 * const input = resizeImage(photo, 32, 32);
 * console.log(input.shape); // [32, 32, 3]
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array,
  file = "bytes",
  options: { background?: Background; leastSide?: number } = {},
): Promise<NdArray> {
  const background = readBackground("read a picture", options.background);
  const format = pictureFormat(bytes);
  if (format === "JPEG") return await decodeJpeg(bytes, file, options);
  if (format === "PNG") return over(background, await decodePng(bytes, file));
  if (format === "WebP") return over(background, await decodeWebp(bytes, file));
  throw new FormatError("picture", file, "it starts like no PNG, JPEG or WebP file");
}

/** What the first bytes of a file say it is; `undefined` for what {@linkcode decodeImage} does not read. */
export function pictureFormat(bytes: Uint8Array): "PNG" | "JPEG" | "WebP" | undefined {
  const startsWith = (signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
  if (startsWith(pngSignature)) return "PNG";
  if (startsWith(jpegSignature)) return "JPEG";
  return isWebp(bytes) ? "WebP" : undefined;
}

/** A picture on a background, without opacities. */
function over(background: Background, image: NdArray): NdArray {
  const [height, width, channels] = image.shape;
  if (channels === 3) return image;
  const data = image.data as Uint8Array<ArrayBuffer>;
  // With opacities, there is room for the result where it comes from.
  const out = channels === 4 ? data.subarray(0, height * width * 3) : new Uint8Array(height * width * 3);
  for (let from = 0, to = 0; from < data.length; from += channels) {
    const opacity = channels === 4 ? data[from + 3] : 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[channels === 1 ? from : from + channel];
      out[to++] = Math.round((value * opacity + background[channel] * (255 - opacity)) / 255);
    }
  }
  return ndarray("uint8", [height, width, 3], out);
}

/** How {@linkcode resizeImage} treats a picture of other proportions. */
export interface ResizeOptions {
  /**
   * `"cover"` keeps the proportions and cuts off what sticks out, the same on both sides; `"contain"` keeps the
   * proportions and everything, and adds background, the same on both sides; `"stretch"` keeps everything and
   * changes the proportions.
   *
   * @default {"cover"}
   */
  readonly fit?: "cover" | "contain" | "stretch";
  /** Red, green and blue from 0 to 255, for `"contain"`; white when left out. Of other numbers of channels, all get the first. */
  readonly background?: Background;
}

/**
 * Changes the size of a picture; one that has it already is given back as it is. Where it shrinks, each new pixel is the average of the area that it covers, so
 * that nothing is skipped; where it grows, neighbours are blended in proportion (bilinear).
 *
 * @param image uint8 `[height, width, channels]`.
 * @param height The new number of rows.
 * @param width The new number of columns.
 * @returns uint8 `[height, width, channels]`.
 * @throws {TypeError} when the dtype is not uint8.
 * @throws {RangeError} when a size is not a positive integer, or the shape is not that of a picture.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const wide = { dtype: "uint8", shape: [2, 4, 1], data: new Uint8Array([9, 0, 4, 9, 9, 4, 0, 9]) } as const;
 * console.log(formats.resizeImage(wide, 1, 1).data); // [2], the average of the middle square
 * console.log(formats.resizeImage(wide, 1, 2, { fit: "stretch" }).data); // [6, 6]
 * ```
 */
export function resizeImage(
  image: NdArray,
  height: number,
  width: number,
  options: ResizeOptions = {},
): NdArray {
  const [oldHeight, oldWidth, channels] = image.shape;
  const attempt = `Cannot resize a picture of shape [${image.shape.join(", ")}] to ${height} x ${width}`;
  if (image.dtype !== "uint8") throw new TypeError(`${attempt}: uint8 is needed, received ${image.dtype}`);
  if (image.shape.length !== 3 || oldHeight * oldWidth === 0) {
    throw new RangeError(`${attempt}: [height, width, channels] with at least one pixel is needed`);
  }
  if (![height, width].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError(`${attempt}: sizes are positive integers`);
  }
  const { fit = "cover" } = options;
  if (fit === "contain") {
    return contained(image, height, width, readBackground("resize a picture", options.background));
  }
  if (height === oldHeight && width === oldWidth) return image;
  const scale = fit === "cover" ? Math.min(oldHeight / height, oldWidth / width) : Infinity;
  const rows = axisParts(oldHeight, Math.min(scale * height, oldHeight), height);
  const columns = axisParts(oldWidth, Math.min(scale * width, oldWidth), width);

  // Uint8ClampedArray rounds, where Uint8Array would cut.
  const out = new Uint8ClampedArray(height * width * channels);
  const sums = new Float64Array(width * channels);
  const narrow = new Float64Array(width * channels);
  let narrowed = -1;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let row = rows.first(y); row < rows.end(y); row++) {
      if (row !== narrowed) { // two new rows may share an old one
        narrowRow(narrow, image.data, row * oldWidth * channels, columns);
        narrowed = row;
      }
      const part = rows.part(y, row);
      for (let i = 0; i < sums.length; i++) sums[i] += part * narrow[i];
    }
    out.set(sums, y * sums.length);
  }
  return ndarray("uint8", [height, width, channels], new Uint8Array(out.buffer));
}

/** All of a picture, in the middle of a background. */
function contained(image: NdArray, height: number, width: number, background: Background): NdArray {
  const [oldHeight, oldWidth, channels] = image.shape;
  const scale = Math.max(oldHeight / height, oldWidth / width);
  const [newHeight, newWidth] = [oldHeight, oldWidth].map((side) => Math.max(1, Math.round(side / scale)));
  const inner = resizeImage(image, newHeight, newWidth, { fit: "stretch" });
  if (newHeight === height && newWidth === width) return inner;
  const data = Uint8Array.from(
    { length: height * width * channels },
    (_, i) => background[channels === 3 ? i % 3 : 0],
  );
  const [top, left] = [Math.floor((height - newHeight) / 2), Math.floor((width - newWidth) / 2)];
  const row = newWidth * channels;
  for (let y = 0; y < newHeight; y++) {
    data.set(inner.data.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * channels);
  }
  return ndarray("uint8", [height, width, channels], data);
}

/** Which old positions make a new one, and how much of each; worked out when asked, as there may be very many. */
interface AxisParts {
  /** How many new positions there are. */
  readonly size: number;
  first(index: number): number;
  /** One past the last. */
  end(index: number): number;
  part(index: number, position: number): number;
}

/** Maps the middle `window` of `size` old positions onto `newSize` new ones. */
function axisParts(size: number, window: number, newSize: number): AxisParts {
  const start = (size - window) / 2;
  const step = window / newSize;
  if (step <= 1) {
    // Positions stand for the centres of pixels; those beyond the picture repeat its edge.
    const center = (index: number) => Math.min(Math.max(start + (index + 0.5) * step - 0.5, 0), size - 1);
    const first = (index: number) => Math.min(Math.floor(center(index)), Math.max(size - 2, 0));
    return {
      size: newSize,
      first,
      end: (index) => Math.min(first(index) + 2, size),
      part: (index, position) => size === 1 ? 1 : 1 - Math.abs(center(index) - position),
    };
  }
  const from = (index: number) => start + index * step;
  const to = (index: number) => Math.min(from(index) + step, size);
  return {
    size: newSize,
    first: (index) => Math.floor(from(index)),
    end: (index) => Math.ceil(to(index)),
    part: (index, position) => {
      const covered = Math.min(to(index), position + 1) - Math.max(from(index), position);
      return covered / (to(index) - from(index));
    },
  };
}

/** Blends the pixels of the row that begins at `start` into fewer or more. */
function narrowRow(out: Float64Array, values: ArrayLike<number>, start: number, columns: AxisParts): void {
  const channels = out.length / columns.size;
  out.fill(0);
  for (let x = 0; x < columns.size; x++) {
    const end = columns.end(x);
    for (let column = columns.first(x); column < end; column++) {
      const part = columns.part(x, column);
      const from = start + column * channels;
      for (let channel = 0; channel < channels; channel++) {
        out[x * channels + channel] += part * values[from + channel];
      }
    }
  }
}
