/** A row of numbers for each position, added to what is there */
import { text } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import { add, gather, iota, reshape } from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { Layer } from "../../layer.ts";
import { checkAxes } from "../core/check_layer.ts";

/** Options of {@linkcode positionEmbedding}. */
export interface PositionEmbeddingOptions {
  /** How the weight begins; `{ uniform: 0.05 }` when left out, as that of {@linkcode embedding}. */
  readonly embeddingsInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that tells tokens where they are: learned numbers for each position are added to tokens `[tokens, width]`. Its
 * weight is `embeddings` `[tokens, width]`. (`multiHeadAttention` with `rotary` needs none.) Where a sequence comes piece by
 * piece, tokens behind the last position that there is get NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.embedding({ tokens: 65, units: 32 }), layers.positionEmbedding()], { inputShape: [128] });
 * assertEquals(model.parameterCount, 65 * 32 + 128 * 32);
 * ```
 */
export function positionEmbedding(options: PositionEmbeddingOptions = {}): Layer {
  const { embeddingsInitializer, name } = readOptions("make positionEmbedding", options, {
    embeddingsInitializer: optional(initializerKind, { uniform: 0.05 }),
    name: optional(text),
  });
  return {
    type: "positionEmbedding",
    name,
    config: givenOptions({ embeddingsInitializer }),
    outputShape: (input) => {
      checkAxes("positionEmbedding", input, 2, "tokens [tokens, width]");
      return [...input];
    },
    weights: (input) => [
      { name: "embeddings", shape: input, initializer: embeddingsInitializer, trainable: true },
    ],
    carry: ([places]) => ({ position: { shape: [], dtype: "int32", places } }),
    apply: (x, { weights: { embeddings }, carry, handOn }) => {
      if (!carry) return add(x, embeddings);
      const [batch, count] = x.shape;
      handOn("position", add(carry.position, count));
      return add(x, gather(embeddings, add(reshape(carry.position, [batch, 1]), iota(count))));
    },
  };
}
