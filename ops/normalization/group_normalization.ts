/** y = (x - mean) / sqrt(variance + e) * scale + offset for each example, over all places and a group of channels */
import { readOptions } from "../../engine/options.ts";
import { formatShape, sizeOf } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import {
  type NormalizationOptions,
  normalizationOptions,
  normalized,
  scaledAndShifted,
} from "./normalize.ts";
import { reshape } from "../movement/reshape.ts";

/** Throws unless there are examples and channels. */
function checkChannels(what: string, x: Tensor): void {
  if (x.rank < 2) {
    throw new RangeError(
      `Cannot apply ${what} to ${formatShape(x.shape)}: it takes [batch, ..., channels], at least two axes`,
    );
  }
}

/** Channels in groups; a group for each channel has them already. */
function inGroups(what: string, x: Tensor, groups: number, options: NormalizationOptions): Tensor {
  const { epsilon, ...rest } = readOptions(`apply ${what}`, options, normalizationOptions(1e-5));
  const channels = x.shape[x.rank - 1];
  const places = sizeOf(x.shape.slice(1, -1));
  const y = groups === channels
    ? normalized(what, reshape(x, [x.shape[0], places, channels]), [1], epsilon)
    : normalized(what, reshape(x, [x.shape[0], places, groups, channels / groups]), [1, 3], epsilon);
  return scaledAndShifted(what, reshape(y, x.shape), rest, [channels]);
}

/**
 * Brings groups of neighbouring channels of `x` `[batch, ..., channels]`, in each example by itself, to mean zero and
 * variance one, then multiplies by `scale` and adds `offset`, both `[channels]`. `epsilon` is 1e-5 when left out.
 * Source: https://arxiv.org/abs/1803.08494
 *
 * @throws {TypeError} when `x` is not float32.
 * @throws {RangeError} when channels do not divide into so many groups, or `scale` or `offset` has another shape.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.groupNormalization(tensor([[1, 3, 50, 70]]), 2));
 * [-1, 1, -1, 1].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-5));
 * ```
 */
export function groupNormalization(x: Tensor, groups: number, options: NormalizationOptions = {}): Tensor {
  checkChannels("groupNormalization", x);
  const channels = x.shape[x.rank - 1];
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new RangeError(
      `Cannot apply groupNormalization to ${formatShape(x.shape)} in ${groups} groups: ` +
        `${channels} channels do not divide into as many`,
    );
  }
  return inGroups("groupNormalization", x, groups, options);
}

/**
 * Brings each channel of `x` `[batch, ..., channels]`, in each example by itself, to mean zero and variance one, then
 * multiplies by `scale` and adds `offset`, both `[channels]`. `epsilon` is 1e-5 when left out.
 * Source: https://arxiv.org/abs/1607.08022
 *
 * @throws {TypeError} when `x` is not float32.
 * @throws {RangeError} when there are less than two axes, or `scale` or `offset` has another shape.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.instanceNormalization(tensor([[[1, 50], [3, 70]]])));
 * [-1, -1, 1, 1].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-5));
 * ```
 */
export function instanceNormalization(x: Tensor, options: NormalizationOptions = {}): Tensor {
  checkChannels("instanceNormalization", x);
  return inGroups("instanceNormalization", x, x.shape[x.rank - 1], options);
}
