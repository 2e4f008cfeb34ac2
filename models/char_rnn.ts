/** Recurrent networks that go on with a text. */
import { fraction, oneOf, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout as dropoutLayer } from "./layers/core/dropout.ts";
import { embedding as embeddingLayer } from "./layers/embedding/embedding.ts";
import { oneHot } from "./layers/embedding/one_hot.ts";
import { concatLayers } from "./layers/merging/merging.ts";
import { gru } from "./layers/recurrent/gru.ts";
import { lstm } from "./layers/recurrent/lstm.ts";
import { minGru } from "./layers/recurrent/min_gru.ts";
import { rnn } from "./layers/recurrent/rnn.ts";
import { graph } from "./graph/graph.ts";
import { input, merge } from "./graph/symbolic_tensor.ts";
import type { Model } from "./model.ts";

const cells = { rnn, gru, lstm, minGru };

/** What goes from place to place in {@linkcode charRnn}. */
export type CharCell = keyof typeof cells;

/** The cells by their names. */
export const charCells = Object.keys(cells) as CharCell[];

/** Options of {@linkcode charRnn}. */
export interface CharRnnOptions {
  /** How many tokens there are: the size of a vocabulary. */
  readonly tokens: number;
  /** Tokens of a sequence. */
  readonly length: number;
  /** The size of each layer's state; 256 when left out. */
  readonly units?: number;
  /** `"rnn"`, `"gru"`, `"lstm"` or `"minGru"`: the layer of that name; `"gru"` when left out. */
  readonly cell?: CharCell;
  /** How many recurrent layers lie on each other; 1 when left out. */
  readonly layers?: number;
  /** What part of each layer's results is dropped while training; 0 when left out. */
  readonly dropout?: number;
  /** How many learned numbers stand for a token; when left out, a token is a one among zeros. */
  readonly embedding?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/**
 * A recurrent network that says of each token of a sequence `[length]` what comes next, `[length, tokens]` as logits. With the cell
 * `"rnn"` it is
 *
 *     h[t] = tanh(W [h[t - 1], x[t]] + b)        y[t] = Wout [h[t], x[t]] + bout
 *
 * and with others the layer of that name, and `y[t] = Wout h[t] + bout`. `x[t]` is a one at the token's place among zeros, or
 * what an embedding has for it; of several layers, each reads what the one below gives, and `h[t]` of `y` is the last one's.
 *
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.charRnn({ tokens: 65, length: 64, cell: "rnn", units: 256 });
 * assertEquals(model.outputShape, [64, 65]);
 * assertEquals(model.parameterCount, (256 + 65 + 1) * 256 + (256 + 65 + 1) * 65);
 * ```
 */
export function charRnn(options: CharRnnOptions): Model {
  const { tokens, length, units, cell, layers, dropout, embedding, seed } = readOptions(
    "make charRnn",
    options,
    {
      tokens: required(whole(1)),
      length: required(whole(1)),
      units: optional(whole(1), 256),
      cell: optional(oneOf(charCells), "gru"),
      layers: optional(whole(1), 1),
      dropout: optional(fraction, 0),
      embedding: optional(whole(1)),
      seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
    },
  );
  const read = input([length], { name: "tokens", dtype: "int32" });
  const x = read.to(
    embedding === undefined ? oneHot({ tokens }) : embeddingLayer({ tokens, units: embedding }),
  );
  let h = x;
  for (let i = 0; i < layers; i++) {
    h = h.to(cells[cell]({ units, returnSequences: true }));
    if (dropout > 0) h = h.to(dropoutLayer(dropout));
  }
  const seen = cell === "rnn" ? merge(concatLayers(), [h, x]) : h;
  return graph({ inputs: read, outputs: seen.to(dense({ units: tokens })), name: `char-${cell}`, seed });
}
