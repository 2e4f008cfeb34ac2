/** A transformer that goes on with a text. */
import { fraction, oneOf, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { multiHeadAttention } from "./layers/attention/multi_head_attention.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout as dropoutLayer } from "./layers/core/dropout.ts";
import { embedding } from "./layers/embedding/embedding.ts";
import { positionEmbedding } from "./layers/embedding/position_embedding.ts";
import { addLayers } from "./layers/merging/merging.ts";
import { layerNormalization } from "./layers/normalization/layer_normalization.ts";
import { graph } from "./graph/graph.ts";
import { input, merge, type SymbolicTensor } from "./graph/symbolic_tensor.ts";
import type { Model } from "./model.ts";

/** Options of {@linkcode charTransformer}. */
export interface CharTransformerOptions {
  /** How many tokens there are: the size of a vocabulary. */
  readonly tokens: number;
  /** Tokens of a sequence: as far as it can look back. */
  readonly length: number;
  /** Numbers of a token between layers, a multiple of twice `heads`; 128 when left out. */
  readonly width?: number;
  /** How many blocks lie on each other; 4 when left out. */
  readonly depth?: number;
  /** Heads of attention in each block; 4 when left out. */
  readonly heads?: number;
  /** What part of each result that is added is dropped while training; 0 when left out. */
  readonly dropout?: number;
  /**
   * How it knows where tokens are: `"rotary"`, when left out, turns queries and keys by their distance, and `"learned"` adds
   * numbers to each place of the sequence.
   */
  readonly positions?: "rotary" | "learned";
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/**
 * A causal transformer that says of each token of a sequence `[length]` what comes next, `[length, tokens]` as logits: an embedding,
 * then blocks of attention and of two dense layers (four times as wide between them, with gelu), each behind a layer normalization
 * and added to what came in, then a last normalization and a score for each token. Its shape is that of GPT-2
 * (https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf), with rotary positions
 * (https://arxiv.org/abs/2104.09864) when nothing else is said.
 *
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.charTransformer({ tokens: 65, length: 128, width: 128, depth: 4, heads: 4 });
 * assertEquals([model.outputShape, model.parameterCount], [[128, 65], 810_049]);
 * ```
 */
export function charTransformer(options: CharTransformerOptions): Model {
  const { tokens, length, width, depth, heads, dropout, positions, seed } = readOptions(
    "make charTransformer",
    options,
    {
      tokens: required(whole(1)),
      length: required(whole(1)),
      width: optional(whole(1), 128),
      depth: optional(whole(1), 4),
      heads: optional(whole(1), 4),
      dropout: optional(fraction, 0),
      positions: optional(oneOf(["rotary", "learned"]), "rotary"),
      seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
    },
  );
  const rotary = positions === "rotary";
  if (width % heads !== 0 || rotary && width / heads % 2 !== 0) {
    throw new RangeError(
      `Cannot make charTransformer with width ${width} and ${heads} heads: ` +
        (rotary ? "rotary positions need an even number for each head" : "the width does not divide evenly"),
    );
  }
  const dropped = (x: SymbolicTensor) => dropout > 0 ? x.to(dropoutLayer(dropout)) : x;
  const added = (x: SymbolicTensor, y: SymbolicTensor) => merge(addLayers(), [x, dropped(y)]);
  const read = input([length], { name: "tokens", dtype: "int32" });
  let x = read.to(embedding({ tokens, units: width }));
  if (!rotary) x = x.to(positionEmbedding());
  x = dropped(x);
  for (let i = 0; i < depth; i++) {
    x = added(x, x.to(layerNormalization(), multiHeadAttention({ heads, causal: true, rotary })));
    x = added(
      x,
      x.to(
        layerNormalization(),
        dense({ units: 4 * width, activation: "gelu" }),
        dense({ units: width }),
      ),
    );
  }
  const logits = x.to(layerNormalization(), dense({ units: tokens }));
  return graph({ inputs: read, outputs: logits, name: "char-transformer", seed });
}
