/** y[n, i, j, o] = sum_{k, l, c} x[n, i s + k d - p, j s + l d - p, c] w[k, l, c, o] */
import { whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { apply, type Tensor } from "../../engine/tensor.ts";
import { checkConvolution, convolutionOver } from "./convolution.ts";
import { type Pair, windowOptions, type WindowPadding, windowsOf } from "../window/window.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Steps between windows; 1 when left out. */
  readonly strides?: Pair;
  /** What is added around the image; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Pair;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
}

/** The convolution over rows and columns, and its gradients. */
export const convolution2d = convolutionOver(2, "conv2d");

/**
 * A two-dimensional convolution of images `[batch, height, width, channels]` with a weight
 * `[height, width, channels / groups, filters]`, to `[batch, rows, columns, filters]`.
 *
 * @throws {TypeError} when an input is not float32 with four axes.
 * @throws {RangeError} when channels do not fit, or a window is larger than the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const image = tensor([[[[1], [2]], [[3], [4]]]]);
 * assertEquals([...(await compute(ops.conv2d(image, ops.ones([2, 2, 1, 1])))).data], [10]);
 * ```
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2dOptions = {}): Tensor {
  const { groups, ...placed } = pickOptions("apply conv2d", options, {
    ...windowOptions,
    groups: optional(whole(1), 1),
  });
  checkConvolution("conv2d", [x, weight], groups, 2);
  const windows = windowsOf("conv2d", x.shape.slice(1, 3), weight.shape.slice(0, 2), placed);
  return apply(convolution2d.forward, [x, weight], { windows, groups });
}
