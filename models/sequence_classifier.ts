/** A recurrent network that tells sequences apart. */
import { fraction, oneOf, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { graph } from "./graph/graph.ts";
import { input, merge } from "./graph/symbolic_tensor.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout as dropoutLayer } from "./layers/core/dropout.ts";
import { embedding as embeddingLayer } from "./layers/embedding/embedding.ts";
import { concatLayers } from "./layers/merging/merging.ts";
import { sequencePool } from "./layers/pooling/sequence_pool.ts";
import { gru } from "./layers/recurrent/gru.ts";
import { lstm } from "./layers/recurrent/lstm.ts";
import { rnn } from "./layers/recurrent/rnn.ts";
import type { Model } from "./model.ts";

const cells = { rnn, gru, lstm };

/** Options of {@linkcode sequenceClassifier}. */
export interface SequenceClassifierOptions {
  /** How many tokens there are, where sequences are of tokens: the size of a vocabulary. */
  readonly tokens?: number;
  /** How many numbers each place has, where sequences are of numbers. */
  readonly channels?: number;
  /** The most places of a sequence. */
  readonly length: number;
  /** The number of classes. */
  readonly classes: number;
  /** The size of each layer's state, in each direction; 64 when left out. */
  readonly units?: number;
  /** The layer of that name; `"gru"` when left out. */
  readonly cell?: "rnn" | "gru" | "lstm";
  /** Which way sequences are read; `"both"` when left out. */
  readonly direction?: "forward" | "backward" | "both";
  /** How many recurrent layers lie on each other; 1 when left out. */
  readonly layers?: number;
  /** How many learned numbers stand for a token; 32 when left out. */
  readonly embedding?: number;
  /** What is taken of the states: their mean and their maximum over all places that count, as when left out, or the last one. */
  readonly pool?: "meanMax" | "last";
  /** What part of what goes into and comes out of the recurrent layers is dropped while training; 0.3 when left out. */
  readonly dropout?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/**
 * A recurrent network that classifies sequences of any length up to `length`. It has two inputs: `tokens`, int32 `[length]`, or with
 * `channels` `sequence`, float32 `[length, channels]`; and `length`, int32 `[]`, how many places of it count. What stands behind
 * these changes nothing. An embedding for tokens, recurrent layers, what is taken of their states, and one output a class, as
 * logits.
 *
 * @throws {TypeError | RangeError} when neither or both of `tokens` and `channels` are given, or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.sequenceClassifier({ tokens: 43, length: 256, classes: 5 });
 * assertEquals(Object.keys(model.inputs), ["tokens", "length"]);
 * assertEquals(model.outputShape, [5]);
 * ```
 */
export function sequenceClassifier(options: SequenceClassifierOptions): Model {
  const attempt = "make sequenceClassifier";
  const {
    tokens,
    channels,
    length,
    classes,
    units,
    cell,
    direction,
    layers,
    embedding,
    pool,
    dropout,
    seed,
  } = readOptions(attempt, options, {
    tokens: optional(whole(1)),
    channels: optional(whole(1)),
    length: required(whole(1)),
    classes: required(whole(1)),
    units: optional(whole(1), 64),
    cell: optional(oneOf(["rnn", "gru", "lstm"]), "gru"),
    direction: optional(oneOf(["forward", "backward", "both"]), "both"),
    layers: optional(whole(1), 1),
    embedding: optional(whole(1), 32),
    pool: optional(oneOf(["meanMax", "last"]), "meanMax"),
    dropout: optional(fraction, 0.3),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  if ((tokens === undefined) === (channels === undefined)) {
    throw new TypeError(
      `Cannot ${attempt} with ${tokens === undefined ? "neither" : "both"} tokens ${
        tokens === undefined ? "nor" : "and"
      } channels: sequences are of tokens, or of numbers`,
    );
  }
  const ofTokens = tokens !== undefined;
  const read = ofTokens
    ? input([length], { name: "tokens", dtype: "int32" })
    : input([length, channels!], { name: "sequence" });
  const count = input([], { name: "length", dtype: "int32" });
  let states = ofTokens ? read.to(embeddingLayer({ tokens, units: embedding })) : read;
  if (dropout > 0) states = states.to(dropoutLayer(dropout));
  for (let i = 0; i < layers; i++) {
    const returnSequences = i < layers - 1 || pool !== "last";
    states = merge(cells[cell]({ units, direction, returnSequences, lengths: true }), [states, count]);
    if (dropout > 0) states = states.to(dropoutLayer(dropout));
  }
  const taken = pool === "last" ? states : merge(concatLayers(), [
    merge(sequencePool({ by: "mean" }), [states, count]),
    merge(sequencePool({ by: "max" }), [states, count]),
  ]);
  return graph({
    inputs: { [ofTokens ? "tokens" : "sequence"]: read, length: count },
    outputs: taken.to(dense({ units: classes })),
    name: "sequence classifier",
    seed,
  });
}
