/** y = (x - mean) / sqrt(variance + e) * scale + offset for each channel, over the batch and all places */
import { objectThat } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape, sameShape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import {
  type NormalizationOptions,
  normalizationOptions,
  normalized,
  scaledAndShifted,
} from "./normalize.ts";
import { rsqrt } from "../elementwise/rsqrt.ts";
import { sub } from "../elementwise/sub.ts";

/** Options of batch normalization as an op. */
export interface BatchNormalizationOpOptions extends NormalizationOptions {
  /** Statistics that are known, each `[channels]`; those of `x` itself when left out. */
  readonly statistics?: { readonly mean: Tensor; readonly variance: Tensor };
}

const statisticsKind = objectThat<{ readonly mean: Tensor; readonly variance: Tensor }>(
  "an object of two tensors, mean and variance",
  ({ mean, variance }) => mean instanceof Tensor && variance instanceof Tensor,
);

/**
 * Brings each channel (the last axis) of `x` to mean zero and variance one over all other axes, or by `statistics` that are
 * given; then multiplies by `scale` and adds `offset`, both `[channels]`. `epsilon` is 1e-5 when left out. The layer of
 * this name keeps running statistics, too. Source: https://arxiv.org/abs/1502.03167
 *
 * @throws {TypeError} when `x` is not float32.
 * @throws {RangeError} when there is no channel axis, or something has another shape than `[channels]`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.batchNormalization(tensor([[1, 50], [3, 70]])));
 * [-1, -1, 1, 1].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-5));
 * ```
 */
export function batchNormalization(x: Tensor, options: BatchNormalizationOpOptions = {}): Tensor {
  const { epsilon, statistics, ...rest } = readOptions("apply batchNormalization", options, {
    ...normalizationOptions(1e-5),
    statistics: optional(statisticsKind),
  });
  const channels = x.shape.slice(-1);
  if (channels.length === 0) {
    throw new RangeError(
      `Cannot apply batchNormalization to ${formatShape(x.shape)}: it takes a channel axis`,
    );
  }
  if (!statistics) {
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const y = normalized("batchNormalization", x, axes, epsilon);
    return scaledAndShifted("batchNormalization", y, rest, channels);
  }
  const { mean, variance } = statistics;
  if (![mean, variance].every((part) => sameShape(part.shape, channels))) {
    throw new RangeError(
      `Cannot apply batchNormalization to ${formatShape(x.shape)} with mean ${formatShape(mean.shape)} and ` +
        `variance ${formatShape(variance.shape)}: both have to be ${formatShape(channels)}`,
    );
  }
  const y = mul(sub(x, mean), rsqrt(add(variance, epsilon)));
  return scaledAndShifted("batchNormalization", y, rest, channels);
}
