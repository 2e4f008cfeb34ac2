/** Pooling layers: the maximum or the mean over windows, or over whole images */
import { givenOptions, readOptions } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import {
  averagePool2d as averageOf,
  globalAveragePool2d as meanOf,
  globalMaxPool2d as largestOf,
  maxPool2d as maxOf,
  type Pool2dOptions,
} from "../../ops/mod.ts";
import { poolOptions, poolWindows, readPool } from "../../ops/window/max_pool2d.ts";
import { windowCounts } from "../../ops/window/window.ts";
import type { Layer } from "../layer.ts";
import { checkImage } from "./check_layer.ts";

function pooling(
  type: string,
  options: Pool2dOptions,
  apply: (x: Tensor, options: Pool2dOptions) => Tensor,
): Layer {
  const attempt = `make ${type}`;
  readOptions(attempt, options, poolOptions);
  const pool = readPool(attempt, options);
  return {
    type,
    config: givenOptions(options),
    outputShape: (input) => {
      checkImage(type, input);
      const windows = poolWindows(type, { dtype: "float32", shape: [1, ...input] }, pool);
      return [...windowCounts(type, input, windows), input[2]];
    },
    weights: () => [],
    apply: (x) => apply(x, { poolSize: pool.size, strides: pool.strides, padding: pool.padding }),
  };
}

/**
 * A layer that keeps the largest element of each window: images shrink, their features stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { maxPool2d, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([maxPool2d()], { inputShape: [13, 13, 8] }).outputShape, [6, 6, 8]);
 * ```
 */
export const maxPool2d = (options: Pool2dOptions = {}): Layer => pooling("maxPool2d", options, maxOf);

/** A layer that takes the mean of each window; padding does not count. See {@linkcode maxPool2d}. */
export const averagePool2d = (options: Pool2dOptions = {}): Layer =>
  pooling("averagePool2d", options, averageOf);

function globalPooling(type: string, apply: (x: Tensor) => Tensor): Layer {
  return {
    type,
    config: {},
    outputShape: (input) => {
      checkImage(type, input);
      return [input[2]];
    },
    weights: () => [],
    apply,
  };
}

/** A layer that takes the mean of each channel: `[height, width, channels]` to `[channels]`. */
export const globalAveragePool2d = (): Layer => globalPooling("globalAveragePool2d", (x) => meanOf(x));

/** A layer that keeps the largest element of each channel: `[height, width, channels]` to `[channels]`. */
export const globalMaxPool2d = (): Layer => globalPooling("globalMaxPool2d", (x) => largestOf(x));
