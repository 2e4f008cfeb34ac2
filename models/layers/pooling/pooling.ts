/** Pooling layers: the maximum or the mean over windows, or over all places */
import { givenOptions, type OptionSet, readOptions } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as ops from "../../../ops/mod.ts";
import { poolOptions } from "../../../ops/window/max_pool2d.ts";
import { poolOptions1d } from "../../../ops/window/pool1d.ts";
import { poolOptions3d } from "../../../ops/window/pool3d.ts";
import type { Layer } from "../../layer.ts";
import { checkAxes } from "../core/check_layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** What pools of so many axes take, as messages say it, and their options. */
interface Places {
  readonly axes: number;
  readonly takes: string;
  readonly options: OptionSet;
}

const sequences: Places = { axes: 1, takes: "sequences [length, channels]", options: poolOptions1d };
const images: Places = { axes: 2, takes: "images [height, width, channels]", options: poolOptions };
const volumes: Places = {
  axes: 3,
  takes: "volumes [depth, height, width, channels]",
  options: poolOptions3d,
};

function pooling<O extends object>(
  type: string,
  places: Places,
  options: O,
  op: (x: Tensor, options: O) => Tensor,
): Layer {
  readOptions(`make ${type}`, options, places.options);
  const given = givenOptions(options) as O;
  const apply = (x: Tensor) => op(x, given);
  return {
    type,
    config: given as Record<string, unknown>,
    outputShape: (input) => {
      checkAxes(type, input, places.axes + 1, places.takes);
      return apply(ops.zeros([1, ...input])).shape.slice(1);
    },
    weights: () => [],
    carry: needsWhole("its windows reach over the ends of pieces"),
    apply,
  };
}

/**
 * A layer that keeps the largest element of each window: images shrink, their features stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.maxPool2d()], { inputShape: [13, 13, 8] }).outputShape, [6, 6, 8]);
 * ```
 */
export const maxPool2d = (options: ops.Pool2dOptions = {}): Layer =>
  pooling("maxPool2d", images, options, ops.maxPool2d);

/** A layer that takes the mean of each window; padding does not count. See {@linkcode maxPool2d}. */
export const averagePool2d = (options: ops.Pool2dOptions = {}): Layer =>
  pooling("averagePool2d", images, options, ops.averagePool2d);

/** A layer that keeps the largest element of each window of sequences. See {@linkcode maxPool2d}. */
export const maxPool1d = (options: ops.Pool1dOptions = {}): Layer =>
  pooling("maxPool1d", sequences, options, ops.maxPool1d);

/** A layer that takes the mean of each window of sequences; padding does not count. See {@linkcode maxPool2d}. */
export const averagePool1d = (options: ops.Pool1dOptions = {}): Layer =>
  pooling("averagePool1d", sequences, options, ops.averagePool1d);

/** A layer that keeps the largest element of each window of volumes. See {@linkcode maxPool2d}. */
export const maxPool3d = (options: ops.Pool3dOptions = {}): Layer =>
  pooling("maxPool3d", volumes, options, ops.maxPool3d);

/** A layer that takes the mean of each window of volumes; padding does not count. See {@linkcode maxPool2d}. */
export const averagePool3d = (options: ops.Pool3dOptions = {}): Layer =>
  pooling("averagePool3d", volumes, options, ops.averagePool3d);

function globalPooling(type: string, { axes, takes }: Places, apply: (x: Tensor) => Tensor): Layer {
  return {
    type,
    config: {},
    outputShape: (input) => {
      checkAxes(type, input, axes + 1, takes);
      return [input[axes]];
    },
    weights: () => [],
    carry: needsWhole("it makes one of all places"),
    apply,
  };
}

/** A layer that takes the mean of each channel: `[height, width, channels]` to `[channels]`. */
export const globalAveragePool2d = (): Layer =>
  globalPooling("globalAveragePool2d", images, (x) => ops.globalAveragePool2d(x));

/** A layer that keeps the largest element of each channel: `[height, width, channels]` to `[channels]`. */
export const globalMaxPool2d = (): Layer =>
  globalPooling("globalMaxPool2d", images, (x) => ops.globalMaxPool2d(x));

/** A layer that takes the mean of each channel of sequences: `[length, channels]` to `[channels]`. */
export const globalAveragePool1d = (): Layer =>
  globalPooling("globalAveragePool1d", sequences, (x) => ops.mean(x, 1));

/** A layer that keeps the largest element of each channel of sequences: `[length, channels]` to `[channels]`. */
export const globalMaxPool1d = (): Layer => globalPooling("globalMaxPool1d", sequences, (x) => ops.max(x, 1));
