/** A convolution over depth, rows and columns: `convolution.ts` says what that is */
import { whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { apply, type Tensor } from "../../engine/tensor.ts";
import { checkConvolution, convolutionOver } from "./convolution.ts";
import { windowsOf } from "../window/window.ts";
import { type Triple, windowOptions3d, type WindowPadding3d } from "../window/window3d.ts";

/** Options of {@linkcode conv3d}. */
export interface Conv3dOptions {
  /** Steps between windows; 1 when left out. */
  readonly strides?: Triple;
  /** What is added around the volume; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding3d;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Triple;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
}

const convolution3d = convolutionOver(3, "conv3d");

/**
 * A convolution of volumes, or of videos, `[batch, depth, height, width, channels]` with a weight
 * `[depth, height, width, channels / groups, filters]`, to `[batch, layers, rows, columns, filters]`.
 *
 * @throws {TypeError} when an input is not float32 with five axes.
 * @throws {RangeError} when channels do not fit, or a window is larger than the volume.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const volume = tensor([[[[[1], [2]], [[3], [4]]], [[[5], [6]], [[7], [8]]]]]);
 * assertEquals([...(await compute(ops.conv3d(volume, ops.ones([2, 2, 2, 1, 1])))).data], [36]);
 * ```
 */
export function conv3d(x: Tensor, weight: Tensor, options: Conv3dOptions = {}): Tensor {
  const { groups, ...placed } = readOptions("apply conv3d", options, {
    ...windowOptions3d,
    groups: optional(whole(1), 1),
  });
  checkConvolution("conv3d", [x, weight], groups, 3);
  const windows = windowsOf("conv3d", x.shape.slice(1, 4), weight.shape.slice(0, 3), placed);
  return apply(convolution3d.forward, [x, weight], { windows, groups });
}
