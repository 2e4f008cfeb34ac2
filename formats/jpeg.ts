/** Reads JPEG files, upright however the camera was held. */
import { type NdArray, ndarray } from "../engine/array.ts";
import { FormatError } from "./format_error.ts";
import { readJpegHeader } from "./jpeg_header.ts";
import { loadLibrary } from "./library.ts";

/** The part of jpeg-js that is used here. */
interface JpegJs {
  decode(bytes: Uint8Array, options: {
    useTArray: true;
    formatAsRGBA: false;
    colorTransform?: false;
    maxMemoryUsageInMB: number;
  }): { width: number; height: number; data: Uint8Array };
}

/**
 * Reads a JPEG file, baseline or progressive, grey, colour or CMYK. A picture that its camera marked as turned is
 * turned upright.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns uint8 `[height, width, 3]`: red, green and blue, 0 to 255.
 * @throws {FormatError} naming the file, when it is short, changed, or larger than 100 million pixels.
 * @throws {LibraryError} when the decoder, jpeg-js, cannot be loaded.
 *
 * @example
 * ```ts ignore
 * import { decodeJpeg } from "@gesso/gesso";
 *
 * const image = await decodeJpeg(await Deno.readFile("wave.jpg"), "wave.jpg");
 * console.log(image.shape); // [256, 462, 3]
 * ```
 */
export async function decodeJpeg(bytes: Uint8Array, file = "bytes"): Promise<NdArray> {
  const { isRgb, orientation } = readJpegHeader(bytes, file);
  const { decode } = await loadLibrary<JpegJs>("jpeg-js@0.4.4", `read JPEG ${file}`);
  let image;
  try {
    image = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      colorTransform: isRgb ? false : undefined,
      maxMemoryUsageInMB: 2048,
    });
  } catch (cause) {
    throw new FormatError("JPEG", file, (cause as Error).message, { cause });
  }
  return turnUpright(ndarray("uint8", [image.height, image.width, 3], image.data), orientation);
}

/** Undoes an Exif orientation: 2 to 4 mirror or turn by a half, 5 to 8 also swap rows and columns. */
function turnUpright(image: NdArray, orientation: number): NdArray {
  if (orientation === 1) return image;
  const [storedHeight, storedWidth] = image.shape;
  const swapped = orientation >= 5;
  const [height, width] = swapped ? [storedWidth, storedHeight] : [storedHeight, storedWidth];
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const out = new Uint8Array(image.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [row, column] = swapped ? [x, y] : [y, x];
      const fromRow = fromBottom ? storedHeight - 1 - row : row;
      const from = 3 * (fromRow * storedWidth + (fromRight ? storedWidth - 1 - column : column));
      out[to++] = image.data[from];
      out[to++] = image.data[from + 1];
      out[to++] = image.data[from + 2];
    }
  }
  return ndarray("uint8", [height, width, 3], out);
}
