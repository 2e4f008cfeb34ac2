/** A convolution of volumes with a bias and an activation */
import { givenOptions, readOptions, required } from "../../../engine/options.ts";
import { conv3d as convolve, type Triple, type WindowPadding3d } from "../../../ops/mod.ts";
import { windowOptions3d, windowSizes3d } from "../../../ops/window/window3d.ts";
import type { Layer } from "../../layer.ts";
import { convolutionLayer, type ConvolutionLayerOptions, convolutionOptions } from "./convolution_layer.ts";

/** Options of {@linkcode conv3d}. */
export interface Conv3dLayerOptions extends ConvolutionLayerOptions {
  /** The size of the window: one number, or `[depth, rows, columns]`. */
  readonly kernelSize: Triple;
  /** Steps between windows; 1 when left out. */
  readonly strides?: Triple;
  /** What is added around the volume; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding3d;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Triple;
}

/**
 * A convolution layer: volumes, or videos, `[depth, height, width, channels]` to `[layers, rows, columns, filters]`. Its
 * weights are `kernel` `[window depth, window height, window width, channels / groups, filters]` and `bias` `[filters]`.
 *
 * @throws {RangeError} when sizes do not fit, at once or when the layer gets its place in a model.
 * @throws {TypeError} when there is no such activation or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.conv3d({ filters: 8, kernelSize: 3, padding: "same" })], { inputShape: [8, 16, 16, 1] });
 * assertEquals(model.outputShape, [8, 16, 16, 8]);
 * ```
 */
export function conv3d(options: Conv3dLayerOptions): Layer {
  const { kernelSize: size, strides, padding, dilations, ...rest } = readOptions("make conv3d", options, {
    ...convolutionOptions,
    ...windowOptions3d,
    kernelSize: required(windowSizes3d),
  });
  const { useBias, kernelInitializer, groups } = rest;
  return convolutionLayer({
    ...rest,
    type: "conv3d",
    config: givenOptions({ ...options, name: undefined, useBias, kernelInitializer }),
    takes: "volumes [depth, height, width, channels]",
    size,
    convolve: (x, kernel) => convolve(x, kernel, { strides, padding, dilations, groups }),
  });
}
