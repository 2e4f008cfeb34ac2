/** y[n, i, o] = sum_{k, c} x[n, i s + k d - p, c] w[k, c, o]: a convolution of images of one row */
import { whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { conv2d } from "./conv2d.ts";
import { checkConvolution } from "./convolution.ts";
import { reshape } from "../movement/reshape.ts";
import { asRow, asSequence, rowPadding, windowOptions1d, type WindowPadding1d } from "../window/window1d.ts";

/** Options of {@linkcode conv1d}. */
export interface Conv1dOptions {
  /** Steps between windows; 1 when left out. */
  readonly strides?: number;
  /** What is added around the sequence; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding1d;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: number;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
}

/**
 * A convolution of sequences `[batch, length, channels]` with a weight `[window, channels / groups, filters]`, to
 * `[batch, places, filters]`.
 *
 * @throws {TypeError} when an input is not float32 with three axes.
 * @throws {RangeError} when channels do not fit, or a window is longer than the sequence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = ops.conv1d(tensor([[[1], [2], [3]]]), ops.ones([2, 1, 1]), { padding: "causal" });
 * assertEquals([...(await compute(y)).data], [1, 3, 5]);
 * ```
 */
export function conv1d(x: Tensor, weight: Tensor, options: Conv1dOptions = {}): Tensor {
  const { strides, padding, dilations, groups } = readOptions("apply conv1d", options, {
    ...windowOptions1d,
    groups: optional(whole(1), 1),
  });
  checkConvolution("conv1d", [x, weight], groups, 1);
  const reach = (weight.shape[0] - 1) * dilations + 1;
  return asSequence(conv2d(asRow(x), reshape(weight, [1, ...weight.shape]), {
    strides: [1, strides],
    padding: rowPadding(padding, reach),
    dilations: [1, dilations],
    groups,
  }));
}
