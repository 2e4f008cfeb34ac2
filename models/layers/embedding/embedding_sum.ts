/** y = the sum over i of E[i, x[i]]: a row of numbers for each of several tokens, added up */
import { text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { formatShape } from "../../../engine/shape.ts";
import { add, gather, reshape, slice } from "../../../ops/mod.ts";
import { initializerKind } from "../../initializers.ts";
import type { Layer } from "../../layer.ts";
import type { EmbeddingOptions } from "./embedding.ts";

/**
 * A layer that looks up several tokens that belong together, each in a table of its own, and adds up what it finds: int32
 * `[..., places]` to `[..., units]`. The voices of a chord are such tokens. It is what a product with the tokens' one-hot rows,
 * laid side by side, would give. Its weight is `embeddings` `[places * tokens, units]`, a row for each token of the first place,
 * then of the next. A token that there is not gives NaN, as in {@linkcode embedding}.
 *
 * @throws {RangeError} when `tokens` or `units` are no whole numbers from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.embeddingSum({ tokens: 129, units: 64 })], { inputShape: [16, 4] });
 * assertEquals(model.outputShape, [16, 64]);
 * ```
 */
export function embeddingSum(options: EmbeddingOptions): Layer {
  const { tokens, units, embeddingsInitializer, name } = readOptions("make embeddingSum", options, {
    tokens: required(whole(1)),
    units: required(whole(1)),
    embeddingsInitializer: optional(initializerKind, { uniform: 0.05 }),
    name: optional(text),
  });
  return {
    type: "embeddingSum",
    name,
    config: givenOptions({ tokens, units, embeddingsInitializer }),
    inputDType: "int32",
    outputShape: (input) => {
      if (input.length > 0) return [...input.slice(0, -1), units];
      throw new RangeError(`Cannot use embeddingSum on ${formatShape(input)}: it takes [..., places]`);
    },
    weights: (input) => [{
      name: "embeddings",
      shape: [input[input.length - 1] * tokens, units],
      initializer: embeddingsInitializer,
      trainable: true,
    }],
    apply: (x, { weights: { embeddings } }) => {
      const rows = x.shape.slice(0, -1);
      const found = Array.from({ length: x.shape[rows.length] }, (_, i) => {
        const token = reshape(slice(x, [...rows.map(() => 0), i], [...rows, 1]), rows);
        return gather(slice(embeddings, [i * tokens, 0], [tokens, units]), token);
      });
      return found.reduce((sum, row) => add(sum, row));
    },
  };
}
