/** A one at the place of each token, and zeros */
import { text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { oneHot as spread } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";

/** Options of {@linkcode oneHot}. */
export interface OneHotOptions {
  /** How many tokens there are; tokens are whole numbers from 0 up to but without this. */
  readonly tokens: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that writes tokens as vectors: int32 `[...]` to `[..., tokens]`, a one at the token's place and zeros elsewhere. It has
 * no weights: the next layer's product with such a vector is a row of its weight.
 *
 * @throws {RangeError} when `tokens` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.oneHot({ tokens: 65 }), layers.rnn({ units: 128 })], { inputShape: [64] });
 * assertEquals(model.layers[0].outputShape, [64, 65]);
 * ```
 */
export function oneHot(options: OneHotOptions): Layer {
  const { tokens, name } = readOptions("make oneHot", options, {
    tokens: required(whole(1)),
    name: optional(text),
  });
  return {
    type: "oneHot",
    name,
    config: givenOptions({ tokens }),
    inputDType: "int32",
    outputShape: (input) => [...input, tokens],
    weights: () => [],
    apply: (x) => spread(x, tokens),
  };
}
