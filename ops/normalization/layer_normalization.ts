/** y = (x - mean x) / sqrt(variance x + e) * scale + offset, over the last axes; and RMS normalization */
import { whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import {
  type NormalizationOptions,
  normalizationOptions,
  normalized,
  scaledAndShifted,
} from "./normalize.ts";

/** Options of {@linkcode layerNormalization}. */
export interface LayerNormalizationOptions extends NormalizationOptions {
  /** How many of the last axes are normalized together; 1 when left out. */
  readonly axes?: number;
}

/** Options of {@linkcode rmsNormalization}. */
export type RmsNormalizationOptions = Omit<LayerNormalizationOptions, "offset">;

const optionsWith = (epsilon: number) => ({ ...normalizationOptions(epsilon), axes: optional(whole(1), 1) });

/** The last axes of `x`. */
function lastAxes(what: string, x: Tensor, count: number): number[] {
  if (count > x.rank) {
    throw new RangeError(
      `Cannot apply ${what} to ${formatShape(x.shape)} over the last ${count} axes: there are ${x.rank}`,
    );
  }
  return x.shape.map((_, axis) => axis).slice(-count);
}

/**
 * Brings the last axis (or the last `axes`) of `x`, each row by itself, to mean zero and variance one, then multiplies by
 * `scale` and adds `offset`, which have the shape of those axes. `epsilon` is 1e-5 when left out, as in PyTorch.
 * Source: https://arxiv.org/abs/1607.06450
 *
 * @throws {TypeError} when `x` is not float32.
 * @throws {RangeError} when there are not so many axes, or `scale` or `offset` has another shape.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.layerNormalization(tensor([[1, 3], [50, 70]])));
 * [-1, 1, -1, 1].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-5));
 * ```
 */
export function layerNormalization(x: Tensor, options: LayerNormalizationOptions = {}): Tensor {
  const { axes, epsilon, ...rest } = readOptions("apply layerNormalization", options, optionsWith(1e-5));
  const last = lastAxes("layerNormalization", x, axes);
  const y = normalized("layerNormalization", x, last, epsilon);
  return scaledAndShifted("layerNormalization", y, rest, x.shape.slice(-axes));
}

/**
 * Divides the last axis (or the last `axes`) of `x`, each row by itself, by the root of the mean of its squares, then
 * multiplies by `scale`, which has the shape of those axes. `epsilon` is 1e-6 when left out.
 * Source: https://arxiv.org/abs/1910.07467
 *
 * @throws {TypeError} when `x` is not float32.
 * @throws {RangeError} when there are not so many axes, or `scale` has another shape.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.rmsNormalization(tensor([[1, 7], [-5, 5]])));
 * [0.2, 1.4, -1, 1].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-5));
 * ```
 */
export function rmsNormalization(x: Tensor, options: RmsNormalizationOptions = {}): Tensor {
  const { offset: _, ...known } = optionsWith(1e-6);
  const { axes, epsilon, scale } = readOptions("apply rmsNormalization", options, known);
  const last = lastAxes("rmsNormalization", x, axes);
  const y = normalized("rmsNormalization", x, last, epsilon, false);
  return scaledAndShifted("rmsNormalization", y, { scale }, x.shape.slice(-axes));
}
