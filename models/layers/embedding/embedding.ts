/** A row of numbers for each token */
import { text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { gather } from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { Layer } from "../../layer.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** How many tokens there are; tokens are whole numbers from 0 up to but without this. */
  readonly tokens: number;
  /** How many numbers stand for a token. */
  readonly units: number;
  /** How the weight begins; `{ uniform: 0.05 }` when left out, as in Keras. */
  readonly embeddingsInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that looks tokens up: int32 `[...]` to `[..., units]`. Its weight is `embeddings` `[tokens, units]`. A token that
 * there is not gives NaN, so that no plausible number comes out.
 *
 * @throws {RangeError} when `tokens` or `units` are no whole numbers from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.embedding({ tokens: 65, units: 128 })], { inputShape: [256] });
 * assertEquals(model.outputShape, [256, 128]);
 * ```
 */
export function embedding(options: EmbeddingOptions): Layer {
  const { tokens, units, embeddingsInitializer, name } = readOptions("make embedding", options, {
    tokens: required(whole(1)),
    units: required(whole(1)),
    embeddingsInitializer: optional(initializerKind, { uniform: 0.05 }),
    name: optional(text),
  });
  return {
    type: "embedding",
    name,
    config: givenOptions({ tokens, units, embeddingsInitializer }),
    inputDType: "int32",
    outputShape: (input) => [...input, units],
    weights: () => [
      { name: "embeddings", shape: [tokens, units], initializer: embeddingsInitializer, trainable: true },
    ],
    apply: (x, { weights: { embeddings } }) => gather(embeddings, x),
  };
}
