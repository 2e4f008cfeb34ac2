/** What a model makes of pictures, which it may see mirrored, too. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Model } from "../../models/model.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";

/**
 * The probability of each class, `[examples, classes]`, for pictures `[examples, height, width, channels]`. With `mirrored` the
 * model sees each picture's mirror image, too, and the means of its logits count, which is right more often.
 */
export async function probabilitiesOf(
  model: Model,
  images: NdArray,
  mirrored: boolean,
  where: Where,
): Promise<NdArray<"float32">> {
  const own = await predict(model, images, { ...where, probabilities: true });
  if (!mirrored) return own;
  const other = await predict(model, mirror(images), { ...where, probabilities: true });
  // The softmax of a mean of logits is the geometric mean of probabilities, made to add up to one again.
  const means = own.data.map((value, i) => Math.sqrt(value * other.data[i]));
  const classes = own.shape[1];
  for (let start = 0; start < means.length; start += classes) {
    const row = means.subarray(start, start + classes);
    const sum = row.reduce((a, b) => a + b, 0);
    if (sum > 0) row.forEach((value, c) => row[c] = value / sum);
  }
  return ndarray("float32", own.shape, means);
}

/** Pictures with left and right exchanged. */
export function mirror(images: NdArray): NdArray {
  const [, , width, channels] = images.shape;
  const data = images.data.slice();
  const row = width * channels;
  for (let start = 0; start < data.length; start += row) {
    for (let x = 0; x < width; x++) {
      const from = start + (width - 1 - x) * channels;
      data.set(images.data.subarray(from, from + channels), start + x * channels);
    }
  }
  return ndarray(images.dtype, images.shape, data);
}
