/** A transposed convolution of images with a bias and an activation */
import { pairOf, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { conv2dTranspose as convolve, type Pair, type WindowPadding } from "../../../ops/mod.ts";
import { windowOptions, windowSizes } from "../../../ops/window/window.ts";
import type { Layer } from "../../layer.ts";
import { convolutionLayer, type ConvolutionLayerOptions, convolutionOptions } from "./convolution_layer.ts";

/** Options of {@linkcode conv2dTranspose}. */
export interface Conv2dTransposeLayerOptions extends ConvolutionLayerOptions {
  /** The size of the window: one number, or `[rows, columns]`. */
  readonly kernelSize: Pair;
  /** How many times as large the image becomes; 1 when left out. */
  readonly strides?: Pair;
  /** What is taken off around the result; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Pair;
  /** Rows and columns more at the end, fewer than a step; 0 when left out. */
  readonly outputPadding?: Pair;
}

/**
 * A transposed (fractionally strided) convolution layer, as in generators and decoders: images
 * `[height, width, channels]` to larger ones of `filters` channels. With padding `"same"` the result is `strides` times as
 * large; see `ops.conv2dTranspose` for other sizes. Its weights are `kernel`
 * `[window height, window width, filters / groups, channels]`, what comes out before what goes in, and `bias` `[filters]`.
 *
 * @throws {RangeError} when sizes do not fit, at once or when the layer gets its place in a model.
 * @throws {TypeError} when there is no such activation or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: "same" })], {
 *   inputShape: [16, 16, 32],
 * });
 * assertEquals(model.outputShape, [32, 32, 3]);
 * ```
 */
export function conv2dTranspose(options: Conv2dTransposeLayerOptions): Layer {
  const { kernelSize: size, strides, padding, dilations, outputPadding, ...rest } = readOptions(
    "make conv2dTranspose",
    options,
    {
      ...convolutionOptions,
      ...windowOptions,
      kernelSize: required(windowSizes),
      outputPadding: optional(pairOf(whole()), [0, 0]),
    },
  );
  const { useBias, kernelInitializer, groups } = rest;
  return convolutionLayer({
    ...rest,
    type: "conv2dTranspose",
    config: givenOptions({ ...options, name: undefined, useBias, kernelInitializer }),
    takes: "images [height, width, channels]",
    size,
    isTransposed: true,
    convolve: (x, kernel) => convolve(x, kernel, { strides, padding, dilations, outputPadding, groups }),
  });
}
