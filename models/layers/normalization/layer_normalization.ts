/** Layer and RMS normalization: each place by itself is brought to one scale, over its last axes */
import { from, text, whole } from "../../../engine/option_kinds.ts";
import { optional, readOptions } from "../../../engine/options.ts";
import { formatShape, type Shape } from "../../../engine/shape.ts";
import {
  layerNormalization as normalize,
  rmsNormalization as normalizeByRoot,
} from "../../../ops/normalization/layer_normalization.ts";
import type { Layer, WeightSpec } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** Options of {@linkcode layerNormalization} and {@linkcode rmsNormalization}. */
export interface LayerNormalizationLayerOptions {
  /** How many of the last axes are normalized together; 1 when left out. */
  readonly axes?: number;
  /** Added to the variance, or the mean of squares; 1e-5 when left out, 1e-6 for {@linkcode rmsNormalization}. */
  readonly epsilon?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

const readLayer = (type: string, options: LayerNormalizationLayerOptions, epsilon: number) =>
  readOptions(`make ${type}`, options, {
    axes: optional(whole(1), 1),
    epsilon: optional(from(0), epsilon),
    name: optional(text),
  });

function checkRank(type: string, input: Shape, axes: number): void {
  if (input.length < axes) {
    throw new RangeError(
      `Cannot use ${type} on ${formatShape(input)}: it takes at least ${axes} ${
        axes === 1 ? "axis" : "axes"
      } beside the batch`,
    );
  }
}

function normalizing(
  type: string,
  { axes, epsilon, name }: ReturnType<typeof readLayer>,
  weights: readonly Pick<WeightSpec, "name" | "initializer">[],
  apply: Layer["apply"],
): Layer {
  return {
    type,
    name,
    config: { axes, epsilon },
    outputShape: (input) => {
      checkRank(type, input, axes);
      return [...input];
    },
    weights: (input) => weights.map((weight) => ({ ...weight, shape: input.slice(-axes), trainable: true })),
    carry: (input, ...others) =>
      input.length > axes ? {} : needsWhole("it takes means over all places")(input, ...others),
    apply,
  };
}

/**
 * A layer that brings the last axis (or the last `axes`) to mean zero and variance one, each place of each example by
 * itself, as in transformers. Its weights are `scale` and `offset`, of the shape of those axes.
 * Source: https://arxiv.org/abs/1607.06450; `epsilon` as in PyTorch (Keras has 1e-3).
 *
 * @throws {RangeError} when there are not so many axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.layerNormalization()], { inputShape: [128, 64] });
 * assertEquals([model.outputShape, model.parameterCount], [[128, 64], 2 * 64]);
 * ```
 */
export function layerNormalization(options: LayerNormalizationLayerOptions = {}): Layer {
  const read = readLayer("layerNormalization", options, 1e-5);
  const { axes, epsilon } = read;
  return normalizing("layerNormalization", read, [
    { name: "scale", initializer: "ones" },
    { name: "offset", initializer: "zeros" },
  ], (x, { weights: { scale, offset } }) => normalize(x, { scale, offset, axes, epsilon }));
}

/**
 * A layer that divides the last axis (or the last `axes`) by the root of the mean of its squares. Its weight is `scale`, of
 * the shape of those axes. Source: https://arxiv.org/abs/1910.07467
 *
 * @throws {RangeError} when there are not so many axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.rmsNormalization()], { inputShape: [128, 64] }).parameterCount, 64);
 * ```
 */
export function rmsNormalization(options: LayerNormalizationLayerOptions = {}): Layer {
  const read = readLayer("rmsNormalization", options, 1e-6);
  const { axes, epsilon } = read;
  return normalizing("rmsNormalization", read, [
    { name: "scale", initializer: "ones" },
  ], (x, { weights: { scale } }) => normalizeByRoot(x, { scale, axes, epsilon }));
}
