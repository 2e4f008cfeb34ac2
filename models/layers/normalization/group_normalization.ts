/** Group and instance normalization: the channels of each example by itself, over all places */
import { from, text, whole } from "../../../engine/option_kinds.ts";
import { optional, readOptions, required } from "../../../engine/options.ts";
import { formatShape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  groupNormalization as normalizeGroups,
  instanceNormalization as normalizeChannels,
} from "../../../ops/normalization/group_normalization.ts";
import type { NormalizationOptions } from "../../../ops/normalization/normalize.ts";
import type { Layer } from "../../layer.ts";
import { checkChannels } from "../core/check_layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** Options of {@linkcode instanceNormalization}. */
export interface InstanceNormalizationOptions {
  /** Added to the variance; 1e-5 when left out. */
  readonly epsilon?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/** Options of {@linkcode groupNormalization}. */
export interface GroupNormalizationOptions extends InstanceNormalizationOptions {
  /** How many groups the channels are in. */
  readonly groups: number;
}

const instanceOptions = { epsilon: optional(from(0), 1e-5), name: optional(text) };

function normalizing(
  type: string,
  config: { groups?: number; epsilon: number },
  name: string | undefined,
  normalize: (x: Tensor, options: NormalizationOptions) => Tensor,
): Layer {
  return {
    type,
    name,
    config,
    outputShape: (input) => {
      checkChannels(type, input);
      const { groups = 1 } = config;
      if (input[input.length - 1] % groups !== 0) {
        throw new RangeError(
          `Cannot use ${type} on ${formatShape(input)} in ${groups} groups: ` +
            `${input[input.length - 1]} channels do not divide into as many`,
        );
      }
      return [...input];
    },
    weights: (input) => {
      const shape = input.slice(-1);
      return [
        { name: "scale", shape, initializer: "ones", trainable: true },
        { name: "offset", shape, initializer: "zeros", trainable: true },
      ];
    },
    carry: needsWhole("it takes means over all places"),
    apply: (x, { weights: { scale, offset } }) => normalize(x, { scale, offset, epsilon: config.epsilon }),
  };
}

/**
 * A layer that brings groups of neighbouring channels (the last axis), in each example by itself, to mean zero and variance
 * one: like batch normalization, but the same in training and afterwards. Its weights are `scale` and `offset`,
 * `[channels]`. Source: https://arxiv.org/abs/1803.08494
 *
 * @throws {RangeError} when channels do not divide into so many groups.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.groupNormalization({ groups: 8 })], { inputShape: [16, 16, 32] });
 * assertEquals(model.parameterCount, 2 * 32);
 * ```
 */
export function groupNormalization(options: GroupNormalizationOptions): Layer {
  const { groups, epsilon, name } = readOptions("make groupNormalization", options, {
    ...instanceOptions,
    groups: required(whole(1)),
  });
  const normalize = (x: Tensor, more: NormalizationOptions) => normalizeGroups(x, groups, more);
  return normalizing("groupNormalization", { groups, epsilon }, name, normalize);
}

/**
 * A layer that brings each channel (the last axis), in each example by itself, to mean zero and variance one, as in style
 * transfer. Its weights are `scale` and `offset`, `[channels]`. Source: https://arxiv.org/abs/1607.08022
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.instanceNormalization()], { inputShape: [16, 16, 32] });
 * assertEquals(model.parameterCount, 2 * 32);
 * ```
 */
export function instanceNormalization(options: InstanceNormalizationOptions = {}): Layer {
  const { epsilon, name } = readOptions("make instanceNormalization", options, instanceOptions);
  return normalizing("instanceNormalization", { epsilon }, name, normalizeChannels);
}
