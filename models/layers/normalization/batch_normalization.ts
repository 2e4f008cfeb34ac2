/** Batch normalization: channels are brought to mean zero and variance one, then scaled and shifted */
import { above, probability, text } from "../../../engine/option_kinds.ts";
import { optional, readOptions } from "../../../engine/options.ts";
import { formatShape, sizeOf } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  add,
  batchNormalization as normalize,
  div,
  mul,
  reshape,
  stopGradient,
  sub,
  sum,
} from "../../../ops/mod.ts";
import { momentsOf } from "../../../ops/reduction/moments_of.ts";
import type { Layer } from "../../layer.ts";

/** The mean over the examples of a batch that count, and all other axes but the last. */
const meanWhere = (counts: Tensor) => (x: Tensor, axes: readonly number[]): Tensor => {
  const [batch, ...places] = x.shape.slice(0, -1);
  const weight = reshape(counts, [batch, ...places.map(() => 1), 1]);
  const total = mul(sum(counts), sizeOf(places));
  return div(sum(mul(x, weight), axes, { keepDims: true }), total);
};

/** Options of {@linkcode batchNormalization}. */
export interface BatchNormalizationOptions {
  /** What part of the running statistics stays at each step; 0.99 when left out. */
  readonly momentum?: number;
  /** Added to the variance; 0.001 when left out. */
  readonly epsilon?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that normalizes each channel (the last axis): over the batch and all other axes while training, by running
 * statistics afterwards. Its weights are `scale` and `offset`, and the statistics `mean` and `variance`, all
 * `[channels]`. Source: https://arxiv.org/abs/1502.03167; defaults as in Keras.
 *
 * A last batch of an epoch that has fewer examples is filled up with others: these count neither in its loss nor in what is
 * normalized by.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.batchNormalization()], { inputShape: [8, 8, 16] });
 * assertEquals(model.parameterCount, 4 * 16);
 * ```
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): Layer {
  const { momentum, epsilon, name } = readOptions("make batchNormalization", options, {
    momentum: optional(probability, 0.99),
    epsilon: optional(above(0), 0.001),
    name: optional(text),
  });
  return {
    type: "batchNormalization",
    name,
    config: { momentum, epsilon },
    outputShape: (input) => {
      if (input.length === 0) {
        throw new RangeError(
          `Cannot use batchNormalization on ${formatShape(input)}: it takes a channel axis`,
        );
      }
      return [...input];
    },
    weights: (input) => {
      const shape = [input[input.length - 1]];
      return [
        { name: "scale", shape, initializer: "ones", trainable: true },
        { name: "offset", shape, initializer: "zeros", trainable: true },
        { name: "mean", shape, initializer: "zeros", trainable: false },
        { name: "variance", shape, initializer: "ones", trainable: false, least: 0 },
      ];
    },
    apply: (x, { training, weights, update, counts }) => {
      const { scale, offset, mean, variance } = weights;
      if (!training) return normalize(x, { scale, offset, epsilon, statistics: { mean, variance } });
      const axes = x.shape.slice(0, -1).map((_, axis) => axis);
      const now = counts ? momentsOf(x, axes, meanWhere(counts)) : momentsOf(x, axes);
      const follow = (old: typeof x, next: typeof x) =>
        add(old, mul(sub(stopGradient(reshape(next, old.shape)), old), 1 - momentum));
      update("mean", follow(mean, now.mean));
      update("variance", follow(variance, now.variance));
      const ofChannels = (value: typeof x) => reshape(value, mean.shape);
      const statistics = counts && { mean: ofChannels(now.mean), variance: ofChannels(now.variance) };
      return normalize(x, { scale, offset, epsilon, statistics });
    },
  };
}
