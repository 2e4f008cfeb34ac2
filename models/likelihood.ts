/** How likely a picture is, given what a decoder says of its pixels. */
import { formatShape } from "../engine/shape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { add } from "../ops/elementwise/add.ts";
import { clamp } from "../ops/elementwise/clamp.ts";
import { greater, less } from "../ops/elementwise/compare.ts";
import { exp } from "../ops/elementwise/exp.ts";
import { log } from "../ops/elementwise/log.ts";
import { maximum } from "../ops/elementwise/maximum.ts";
import { mul } from "../ops/elementwise/mul.ts";
import { sigmoid } from "../ops/elementwise/sigmoid.ts";
import { softplus } from "../ops/elementwise/softplus.ts";
import { sub } from "../ops/elementwise/sub.ts";
import { tanh } from "../ops/elementwise/tanh.ts";
import { where } from "../ops/elementwise/where.ts";
import { binaryCrossEntropy } from "../ops/loss/binary_cross_entropy.ts";
import { split } from "../ops/movement/split.ts";
import { neg } from "../ops/elementwise/neg.ts";
import { sum } from "../ops/reduction/reduce.ts";

/** Half the way from a byte to the next one, where bytes lie from -1 to 1. */
const HALF = 1 / 255;
/** Scales are within these logarithms: narrower than a byte's way, nothing is gained, and nothing is wider than all bytes. */
const [LEAST_SCALE, MOST_SCALE] = [-7, 1];
/** Below this probability, a byte's is its density times its width: the difference of two sigmoids has no digits left. */
const LEAST = 1e-5;

/**
 * The negative log likelihood of pictures whose pixels are each on or off, in nats: of logits, one a channel.
 *
 * @param logits float32 `[batch, height, width, channels]`.
 * @param image float32, the same shape, 0 to 1.
 * @returns `[batch]`
 */
export function bernoulliLoss(logits: Tensor, image: Tensor): Tensor {
  return sum(binaryCrossEntropy(logits, image), [1, 2, 3]);
}

/**
 * The negative log likelihood of pictures of bytes, in nats, under a logistic distribution for each channel of a pixel, cut into bytes.
 * Source: https://arxiv.org/abs/1701.05517
 *
 * @param decoded float32 `[batch, height, width, 2 channels]`: what a decoder says, before tanh, of where the byte lies from -1 to 1, and
 * behind these the logarithms of the scales.
 * @param image float32 `[batch, height, width, channels]`: bytes divided by 255.
 * @returns `[batch]`
 * @throws {RangeError} when shapes do not go together.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { compute, models, tensor } from "@gesso/gesso";
 *
 * // A decoder that is sure of grey, and one that is not; the byte is grey.
 * const nats = await compute(models.logisticLoss(tensor([[[[0, -4]]], [[[0, 0]]]]), tensor([[[[0.5]]], [[[0.5]]]])));
 * assert(nats.data[0] < 3 && nats.data[1] > 5);
 * ```
 */
export function logisticLoss(decoded: Tensor, image: Tensor): Tensor {
  const channels = image.shape[3];
  if (decoded.rank !== 4 || image.rank !== 4 || decoded.shape[3] !== 2 * channels) {
    throw new RangeError(
      `Cannot take the logistic likelihood of pictures ${formatShape(image.shape)} given ${
        formatShape(decoded.shape)
      }: two numbers ` +
        "for each channel are needed",
    );
  }
  const [raw, rawScale] = split(decoded, 2, 3);
  const logScale = clamp(rawScale, LEAST_SCALE, MOST_SCALE);
  const x = sub(mul(image, 2), 1);
  const perScale = exp(neg(logScale));
  const apart = sub(x, tanh(raw));
  const [upper, lower] = [mul(add(apart, HALF), perScale), mul(sub(apart, HALF), perScale)];
  const within = sub(sigmoid(upper), sigmoid(lower));
  const middle = mul(apart, perScale);
  const density = sub(add(sub(middle, logScale), Math.log(2 * HALF)), mul(softplus(middle), 2));
  const inside = where(greater(within, LEAST), log(maximum(within, LEAST)), density);
  // The lowest byte has all that is below it, the highest one all that is above.
  const ofLowest = sub(upper, softplus(upper));
  const ofHighest = neg(softplus(lower));
  const logLikelihood = where(less(x, -1 + HALF), ofLowest, where(greater(x, 1 - HALF), ofHighest, inside));
  return neg(sum(logLikelihood, [1, 2, 3]));
}
