/** A convolution of images with a bias and an activation */
import { whole } from "../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../engine/options.ts";
import { add, conv2d as convolve, type Pair, type WindowPadding } from "../../ops/mod.ts";
import { windowCounts, windowOptions, windowSizes, windowsOf } from "../../ops/window/window.ts";
import type { Initializer } from "../initializers.ts";
import type { Layer } from "../layer.ts";
import { activate, type ActivationName } from "./activation.ts";
import { checkImage } from "./check_layer.ts";
import { weightedOptions } from "./weighted_options.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dLayerOptions {
  /** The number of channels that come out. */
  readonly filters: number;
  /** The size of the window: one number, or `[rows, columns]`. */
  readonly kernelSize: Pair;
  /** Steps between windows; 1 when left out. */
  readonly strides?: Pair;
  /** What is added around the image; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Pair;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
  /** What follows; `"linear"` (nothing) when left out. */
  readonly activation?: ActivationName;
  /** Whether a bias is added to each channel; true when left out. */
  readonly useBias?: boolean;
  /** How the weight begins; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
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
 * import { conv2d, sequential } from "@gesso/gesso";
 *
 * const model = sequential([conv2d({ filters: 32, kernelSize: 3, activation: "relu" })], { inputShape: [32, 32, 3] });
 * assertEquals(model.outputShape, [30, 30, 32]);
 * ```
 */
export function conv2d(options: Conv2dLayerOptions): Layer {
  const { filters, kernelSize: size, groups, activation, useBias, kernelInitializer, name, ...windows } =
    readOptions("make conv2d", options, {
      ...weightedOptions,
      ...windowOptions,
      filters: required(whole(1)),
      kernelSize: required(windowSizes),
      groups: optional(whole(1), 1),
    });
  return {
    type: "conv2d",
    name,
    config: givenOptions({ ...options, name: undefined, useBias, kernelInitializer }),
    outputShape: (input) => {
      checkImage("conv2d", input);
      const placed = windowsOf("conv2d", [input[0], input[1]], size, windows);
      return [...windowCounts("conv2d", input, placed), filters];
    },
    weights: (input) => {
      if (input[2] % groups !== 0 || filters % groups !== 0) {
        throw new RangeError(
          `Cannot make conv2d with ${groups} groups: ${
            input[2]
          } channels and ${filters} filters do not divide evenly`,
        );
      }
      const shape = [...size, input[2] / groups, filters];
      return [
        { name: "kernel", shape, initializer: kernelInitializer, trainable: true },
        ...useBias
          ? [{ name: "bias", shape: [filters], initializer: "zeros", trainable: true } as const]
          : [],
      ];
    },
    apply: (x, { weights: { kernel, bias }, product }) => {
      const y = convolve(x, kernel, { ...windows, groups });
      return activate(product(bias ? add(y, bias) : y), activation);
    },
  };
}
