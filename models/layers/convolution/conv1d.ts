/** A convolution of sequences with a bias and an activation */
import { whole } from "../../../engine/option_kinds.ts";
import { givenOptions, readOptions, required } from "../../../engine/options.ts";
import { conv1d as convolve, type WindowPadding1d } from "../../../ops/mod.ts";
import { windowOptions1d } from "../../../ops/window/window1d.ts";
import type { Layer } from "../../layer.ts";
import { convolutionLayer, type ConvolutionLayerOptions, convolutionOptions } from "./convolution_layer.ts";

/** Options of {@linkcode conv1d}. */
export interface Conv1dLayerOptions extends ConvolutionLayerOptions {
  /** The size of the window. */
  readonly kernelSize: number;
  /** Steps between windows; 1 when left out. */
  readonly strides?: number;
  /** What is added around the sequence; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding1d;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: number;
}

/**
 * A convolution layer: sequences `[length, channels]` to `[places, filters]`. Its weights are `kernel`
 * `[window, channels / groups, filters]` and `bias` `[filters]`. With padding `"causal"` no place sees what comes after it.
 *
 * @throws {RangeError} when sizes do not fit, at once or when the layer gets its place in a model.
 * @throws {TypeError} when there is no such activation or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.conv1d({ filters: 32, kernelSize: 3, dilations: 2, padding: "causal" })], {
 *   inputShape: [100, 8],
 * });
 * assertEquals(model.outputShape, [100, 32]);
 * ```
 */
export function conv1d(options: Conv1dLayerOptions): Layer {
  const { kernelSize, strides, padding, dilations, ...rest } = readOptions("make conv1d", options, {
    ...convolutionOptions,
    ...windowOptions1d,
    kernelSize: required(whole(1)),
  });
  const { useBias, kernelInitializer, groups } = rest;
  const isCausal = padding === "causal" && (strides ?? 1) === 1;
  return convolutionLayer({
    ...rest,
    type: "conv1d",
    config: givenOptions({ ...options, name: undefined, useBias, kernelInitializer }),
    takes: "sequences [length, channels]",
    size: [kernelSize],
    before: isCausal ? (kernelSize - 1) * (dilations ?? 1) : undefined,
    convolve: (x, kernel, isPadded) =>
      convolve(x, kernel, { strides, padding: isPadded ? "valid" : padding, dilations, groups }),
  });
}
