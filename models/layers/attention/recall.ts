/** y[t] = the sum over u < t of a[t, u] (gain x[u + 1] - offset), where a is large where c[u] is like c[t] */
import { text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import { formatShape } from "../../../engine/shape.ts";
import {
  add,
  concat,
  greater,
  iota,
  lessEqual,
  logicalAnd,
  matmul,
  mul,
  reshape,
  rsqrt,
  slice,
  softmax,
  square,
  sub,
  sum,
  transpose,
  where,
  zeros,
} from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";

/** Options of {@linkcode recall}. */
export interface RecallOptions {
  /** How many places of earlier pieces are remembered, where sequences come piece by piece; 256 when left out. */
  readonly memory?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/** So low a score leaves nothing. */
const NEVER = -1e9;

/**
 * A layer that recalls what came after places like this one: from `x` `[length, channels]`, and from what tells how alike places are,
 * `c` `[length, features]`, to `[length, channels]`. At each place it finds earlier ones whose features point in the same direction,
 * and gives the mean of what followed them in `x`, times `gain` and less `offset`; where none is alike enough, little or nothing. To be
 * added to logits: what followed becomes likelier, all else less likely. So a phrase that comes again is foreseen after its beginning
 * (a continuous cache, https://arxiv.org/abs/1612.04426). A place's features may depend on it and on all before; what they are made by
 * is learned in the layers that give them.
 *
 * Its weights are `scale` `[1]`, how sharply it tells likeness apart, `threshold` `[1]`, the cosine from which on it counts, `gain`
 * `[1]` and `offset` `[1]`.
 *
 * @throws {RangeError} when `memory` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge } from "@gesso/gesso";
 *
 * const chords = input([64, 88]);
 * const alike = chords.to(layers.conv1d({ filters: 32, kernelSize: 4, padding: "causal" }));
 * const model = graph({ inputs: chords, outputs: merge(layers.recall(), [chords, alike]) });
 * assertEquals(model.outputShape, [64, 88]);
 * ```
 */
export function recall(options: RecallOptions = {}): Layer {
  const { memory, name } = readOptions("make recall", options, {
    memory: optional(whole(1), 256),
    name: optional(text),
  });
  return {
    type: "recall",
    name,
    config: givenOptions({ memory }),
    arity: 2,
    outputShape: (input, features) => {
      if (input.length === 2 && features.length === 2 && input[0] === features[0]) return [...input];
      throw new RangeError(
        `Cannot use recall on ${formatShape(input)} and ${formatShape(features)}: ` +
          "it takes sequences [length, channels] and their features [length, features]",
      );
    },
    weights: () => [
      { name: "scale", shape: [1], initializer: { constant: 20 }, trainable: true },
      { name: "threshold", shape: [1], initializer: { constant: 0.7 }, trainable: true },
      { name: "gain", shape: [1], initializer: { constant: 4 }, trainable: true },
      { name: "offset", shape: [1], initializer: { constant: 2 }, trainable: true },
    ],
    carry: ([, channels], [, features]) => ({
      keys: { shape: [memory, features] },
      values: { shape: [memory, channels] },
      last: { shape: [1, features] },
    }),
    apply: (x, { inputs: [, features], weights: { scale, threshold, gain, offset }, carry, handOn }) => {
      const [batch, length, size] = features.shape;
      const query = mul(features, rsqrt(add(sum(square(features), 2, { keepDims: true }), 1e-6)));
      const first = carry?.last ?? zeros([batch, 1, size]);
      // The key of a place is what the one before it was like.
      const ownKeys = concat([first, slice(query, [0, 0, 0], [batch, length - 1, size])], 1);
      const [keys, values] = carry
        ? [concat([carry.keys, ownKeys], 1), concat([carry.values, x], 1)]
        : [ownKeys, x];
      if (carry) {
        handOn("keys", slice(keys, [0, length, 0], [batch, memory, size]));
        handOn("values", slice(values, [0, length, 0], [batch, memory, x.shape[2]]));
        handOn("last", slice(query, [0, length - 1, 0], [batch, 1, size]));
      }
      const earlier = keys.shape[1] - length;
      const places = earlier + length;
      const likeness = mul(sub(matmul(query, transpose(keys, [0, 2, 1])), threshold), scale);
      const isKnown = reshape(greater(sum(square(keys), 2), 0.25), [batch, 1, places]);
      const isPast = lessEqual(iota(places), add(reshape(iota(length), [length, 1]), earlier));
      const scores = where(logicalAnd(isKnown, isPast), likeness, NEVER);
      // Beside all places there is nothing, with a score of zero.
      const shares = softmax(concat([scores, zeros([batch, length, 1])], 2));
      const own = slice(shares, [0, 0, 0], [batch, length, places]);
      return matmul(own, sub(mul(values, gain), offset));
    },
  };
}
