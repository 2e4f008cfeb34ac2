/** Many small pictures of one size in one large one. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readOptions, required } from "../../engine/options.ts";

/** How {@linkcode cutSheet} cuts a sheet. */
export interface CutSheetOptions {
  /** The height and width of each picture, in pixels; they lie in rows and columns from the top left on, without gaps. */
  readonly size: number;
}

/** The pictures of a sheet. */
export interface CutSheet {
  /** uint8 `[N, size, size, channels]`, each only once, in their order. */
  readonly images: NdArray<"uint8">;
  /** Places where there is nothing: all pixels transparent, or all alike. */
  readonly empty: number;
  /** Pictures that were there before. */
  readonly repeated: number;
}

/**
 * Cuts a sheet of sprites, or the frames of a film on one sheet, into pictures. Places with nothing in them and pictures that were
 * there before are left out and counted. What sticks out at the right and at the bottom is cut off.
 *
 * @param sheet uint8 `[height, width, channels]`.
 * @throws {RangeError} when the sheet is no picture, smaller than one of its pictures, or has nothing in it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data, ndarray } from "@gesso/gesso";
 *
 * // Two pictures of 2x2 in a row, and an empty place.
 * const sheet = ndarray("uint8", [2, 6, 1], [1, 2, 5, 6, 0, 0, 3, 4, 7, 8, 0, 0]);
 * const { images, empty } = data.cutSheet(sheet, { size: 2 });
 * assertEquals([...images.data], [1, 2, 3, 4, 5, 6, 7, 8]);
 * assertEquals(empty, 1);
 * ```
 */
export function cutSheet(sheet: NdArray, options: CutSheetOptions): CutSheet {
  const attempt = "cut a sheet of pictures";
  const { size } = readOptions(attempt, options, { size: required(whole(1)) });
  const [height, width, channels] = sheet.shape;
  if (sheet.dtype !== "uint8" || sheet.shape.length !== 3 || height < size || width < size) {
    throw new RangeError(
      `Cannot ${attempt} of ${size}x${size} out of ${sheet.dtype} [${
        sheet.shape.join(", ")
      }]: uint8 [height, width, channels] is ` +
        "needed, not smaller than one picture",
    );
  }
  const found = new Map<string, Uint8Array>();
  let [empty, repeated] = [0, 0];
  for (let top = 0; top + size <= height; top += size) {
    for (let left = 0; left + size <= width; left += size) {
      const image = new Uint8Array(size * size * channels);
      for (let row = 0; row < size; row++) {
        const from = ((top + row) * width + left) * channels;
        image.set(sheet.data.subarray(from, from + size * channels), row * size * channels);
      }
      if (isEmpty(image, channels)) {
        empty++;
        continue;
      }
      const key = image.toBase64();
      if (found.has(key)) repeated++;
      else found.set(key, image);
    }
  }
  if (found.size === 0) {
    throw new RangeError(`Cannot ${attempt} of ${size}x${size}: all ${empty} places of the sheet are empty`);
  }
  const data = new Uint8Array(found.size * size * size * channels);
  [...found.values()].forEach((image, i) => data.set(image, i * image.length));
  return { images: ndarray("uint8", [found.size, size, size, channels], data), empty, repeated };
}

/** Whether nothing can be seen: all is transparent, or each pixel like the first one. */
function isEmpty(image: Uint8Array, channels: number): boolean {
  if (channels === 4) {
    let isClear = true;
    for (let i = 3; i < image.length && isClear; i += 4) isClear = image[i] === 0;
    if (isClear) return true;
  }
  return image.every((value, i) => value === image[i % channels]);
}
