/** A convolution of images with a bias and an activation */
import { givenOptions, readOptions, required } from "../../../engine/options.ts";
import { conv2d as convolve, type Pair, type WindowPadding } from "../../../ops/mod.ts";
import { windowOptions, windowSizes } from "../../../ops/window/window.ts";
import type { Layer } from "../../layer.ts";
import { convolutionLayer, type ConvolutionLayerOptions, convolutionOptions } from "./convolution_layer.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dLayerOptions extends ConvolutionLayerOptions {
  /** The size of the window: one number, or `[rows, columns]`. */
  readonly kernelSize: Pair;
  /** Steps between windows; 1 when left out. */
  readonly strides?: Pair;
  /** What is added around the image; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Pair;
}

/**
 * A convolution layer: images `[height, width, channels]` to `[rows, columns, filters]`. Its weights are `kernel`
 * `[window height, window width, channels / groups, filters]` and `bias` `[filters]`.
 *
 * @throws {RangeError} when sizes do not fit, at once or when the layer gets its place in a model.
 * @throws {TypeError} when there is no such activation or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" })], { inputShape: [32, 32, 3] });
 * assertEquals(model.outputShape, [30, 30, 32]);
 * ```
 */
export function conv2d(options: Conv2dLayerOptions): Layer {
  const { kernelSize: size, strides, padding, dilations, ...rest } = readOptions("make conv2d", options, {
    ...convolutionOptions,
    ...windowOptions,
    kernelSize: required(windowSizes),
  });
  const { useBias, kernelInitializer, groups } = rest;
  return convolutionLayer({
    ...rest,
    type: "conv2d",
    config: givenOptions({ ...options, name: undefined, useBias, kernelInitializer }),
    takes: "images [height, width, channels]",
    size,
    convolve: (x, kernel) => convolve(x, kernel, { strides, padding, dilations, groups }),
  });
}
