/** How near pictures are to those that they should be. */
import type { NdArray } from "../../engine/array.ts";
import { formatShape, sameShape } from "../../engine/shape.ts";

/** The side of the window that structures are compared in, and how wide its bell is: as in the paper. */
const [WINDOW, SIGMA] = [11, 1.5];
/** What keeps quotients from zero, as parts of the largest value. */
const [OF_MEANS, OF_SPREADS] = [0.01 ** 2, 0.03 ** 2];

/**
 * The peak signal-to-noise ratio of pictures, in dB: 20 where errors are a tenth of the range, 40 where they are a hundredth. Of several
 * pictures, the mean of their figures, as is usual; infinite for equal ones.
 *
 * @param pictures uint8 or float32 `[pictures, height, width, channels]`, 0 to `most`.
 * @param truth The same shape and dtype.
 * @param most The largest value there may be; 255 for uint8, and 1 for float32 when left out.
 * @throws {RangeError} when shapes are not those, or not the same.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { ndarray, training } from "@gesso/gesso";
 *
 * const truth = ndarray("float32", [1, 1, 2, 1], [0.5, 0.5]);
 * assertAlmostEquals(training.psnr(ndarray("float32", [1, 1, 2, 1], [0.6, 0.4]), truth), 20, 1e-5);
 * ```
 */
export function psnr(pictures: NdArray, truth: NdArray, most: number = largest(truth)): number {
  checkPictures("take the PSNR", pictures, truth, 1);
  const [count] = pictures.shape;
  const size = pictures.data.length / count;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let error = 0;
    for (let at = i * size; at < (i + 1) * size; at++) error += (pictures.data[at] - truth.data[at]) ** 2;
    sum += 10 * Math.log10(most * most * size / error);
  }
  return sum / count;
}

/**
 * The structural similarity of pictures, 1 for equal ones: means, spreads and how values go together are compared in windows of 11x11
 * pixels with a bell of width 1.5, channel by channel; the mean over all windows that lie within a picture, and over pictures.
 * Source: https://doi.org/10.1109/TIP.2003.819861
 *
 * @param pictures uint8 or float32 `[pictures, height, width, channels]`, 0 to `most`; sides of 11 at least.
 * @param truth The same shape and dtype.
 * @param most The largest value there may be; 255 for uint8, and 1 for float32 when left out.
 * @throws {RangeError} when shapes are not those, or not the same.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { ndarray, training } from "@gesso/gesso";
 *
 * const picture = ndarray("uint8", [1, 16, 16, 1], Array.from({ length: 256 }, (_, i) => i));
 * assertAlmostEquals(training.ssim(picture, picture), 1);
 * ```
 */
export function ssim(pictures: NdArray, truth: NdArray, most: number = largest(truth)): number {
  checkPictures("take the SSIM", pictures, truth, WINDOW);
  const [count, height, width, channels] = pictures.shape;
  const plane = (of: NdArray, picture: number, channel: number) =>
    Float64Array.from(
      { length: height * width },
      (_, i) => of.data[(picture * height * width + i) * channels + channel],
    );
  const blur = (x: Float64Array) => blurred(x, height, width);
  const product = (x: Float64Array, y: Float64Array) => x.map((value, i) => value * y[i]);
  let sum = 0;
  for (let picture = 0; picture < count; picture++) {
    for (let channel = 0; channel < channels; channel++) {
      const [x, y] = [plane(pictures, picture, channel), plane(truth, picture, channel)];
      const [meanX, meanY, xx, yy, xy] = [x, y, product(x, x), product(y, y), product(x, y)].map(blur);
      sum += meanX.reduce((total, mx, i) => {
        const my = meanY[i];
        const means = (2 * mx * my + OF_MEANS * most * most) / (mx * mx + my * my + OF_MEANS * most * most);
        const spreads = (2 * (xy[i] - mx * my) + OF_SPREADS * most * most) /
          (xx[i] - mx * mx + yy[i] - my * my + OF_SPREADS * most * most);
        return total + means * spreads;
      }, 0) / meanX.length;
    }
  }
  return sum / (count * channels);
}

const largest = ({ dtype }: NdArray): number => dtype === "uint8" ? 255 : 1;

function checkPictures(attempt: string, pictures: NdArray, truth: NdArray, least: number): void {
  const { dtype, shape } = pictures;
  const fits = (dtype === "uint8" || dtype === "float32") && shape.length === 4 && pictures.data.length > 0 &&
    Math.min(shape[1], shape[2]) >= least;
  if (fits && dtype === truth.dtype && sameShape(shape, truth.shape)) return;
  throw new RangeError(
    `Cannot ${attempt} of ${dtype} ${formatShape(shape)} beside ${truth.dtype} ${
      formatShape(truth.shape)
    }: both have to be ` +
      `uint8 or float32 [pictures, height, width, channels], sides of ${least} at least`,
  );
}

const bell = (() => {
  const weights = Array.from(
    { length: WINDOW },
    (_, i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * SIGMA * SIGMA)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
})();

/** Means under the bell at all places where the whole window lies within. */
function blurred(x: Float64Array, height: number, width: number): Float64Array {
  const [rows, columns] = [height - WINDOW + 1, width - WINDOW + 1];
  const across = new Float64Array(height * columns);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < WINDOW; i++) {
        across[row * columns + column] += bell[i] * x[row * width + column + i];
      }
    }
  }
  const both = new Float64Array(rows * columns);
  for (let at = 0; at < both.length; at++) {
    for (let i = 0; i < WINDOW; i++) both[at] += bell[i] * across[at + i * columns];
  }
  return both;
}
