/** Changes to images that keep what they show: new ones at every step, on the device. */
import { flag, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import {
  cast,
  clamp,
  floor,
  type RandomSource,
  reshape,
  reverse,
  shiftImages,
  where,
} from "../../ops/mod.ts";
import { formatShape } from "../../engine/shape.ts";

/** What may happen to an image. */
export interface Augmentation {
  /** Whether half of the images, chosen at random, are mirrored left to right. */
  readonly flip?: boolean;
  /** By how many pixels at most images are moved up, down, left and right; edges are mirrored. */
  readonly shift?: number;
}

/** The options of {@linkcode augment}. */
export const augmentationOptions = { flip: optional(flag, false), shift: optional(whole(), 0) };

/**
 * Random changes to a batch of images `[batch, height, width, channels]`.
 *
 * @throws {RangeError} when `images` has other axes, or the shift is no whole number or as large as an image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor, training } from "@gesso/gesso";
 *
 * const image = tensor([[[[1], [2]], [[1], [2]]]]);
 * const same = training.augment(image, {}, new ops.RandomSource({ seed: 1 }));
 * assertEquals([...(await compute(same)).data], [1, 2, 1, 2]);
 * ```
 */
export function augment(images: Tensor, changes: Augmentation, random: RandomSource): Tensor {
  const { flip, shift } = readOptions("augment images", changes, augmentationOptions);
  if (images.rank !== 4) {
    throw new RangeError(
      `Cannot augment ${formatShape(images.shape)}: it takes [batch, height, width, channels]`,
    );
  }
  const [batch, height, width] = images.shape;
  if (shift >= Math.min(height, width)) {
    throw new RangeError(
      `Cannot shift images by ${shift} pixels: it has to be less than the height ${height} and the width ${width}`,
    );
  }
  let result = images;
  if (shift > 0) {
    const draw = () => {
      const place = floor(random.uniform([batch], { low: -shift, high: shift + 1 }));
      return cast(clamp(place, -shift, shift), "int32");
    };
    result = shiftImages(result, draw(), draw());
  }
  if (flip) {
    result = where(reshape(random.bernoulli([batch], 0.5), [batch, 1, 1, 1]), reverse(result, 2), result);
  }
  return result;
}
