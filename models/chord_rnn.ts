/** A recurrent network that expects chords. */
import { flag, fraction, oneOf, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { recall } from "./layers/attention/recall.ts";
import { conv1d } from "./layers/convolution/conv1d.ts";
import { activation } from "./layers/core/activation.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout } from "./layers/core/dropout.ts";
import { nade } from "./layers/core/nade.ts";
import { embeddingSum } from "./layers/embedding/embedding_sum.ts";
import { addLayers, averageLayers, concatLayers } from "./layers/merging/merging.ts";
import { gru } from "./layers/recurrent/gru.ts";
import { lstm } from "./layers/recurrent/lstm.ts";
import { rnn } from "./layers/recurrent/rnn.ts";
import { graph } from "./graph/graph.ts";
import { input, merge, type SymbolicTensor } from "./graph/symbolic_tensor.ts";
import type { Model } from "./model.ts";

/** Options of {@linkcode chordRnn}. */
export interface ChordRnnOptions {
  /** Steps of a piece. */
  readonly length: number;
  /** Whether a chord is 88 keys, each down or not by itself, or voices that are drawn one after the other; `"keys"` when left out. */
  readonly head?: "keys" | "voices";
  /** How many voices there are; 4 when left out. */
  readonly voices?: number;
  /** The recurrent layers; `"gru"` when left out. */
  readonly cell?: "rnn" | "gru" | "lstm";
  /** Units of each; 150 when left out. */
  readonly units?: number;
  /** How many there are, one on the other; 1 when left out. With convolutions, there may be none. */
  readonly layers?: number;
  /**
   * How many pairs of causal convolutions of 3 steps chords go through first, each with twice the dilation of the one before and a
   * skip around it (a temporal convolutional network, https://arxiv.org/abs/1803.01271); 0 when left out.
   */
  readonly convolutions?: number;
  /**
   * Whether what followed chords like the last ones earlier in the piece counts, too ({@linkcode layers.recall}); of keys alone.
   * False when left out.
   */
  readonly recall?: boolean;
  /**
   * How many networks expect each chord, each by itself: the first output is the mean of their logits, then there are those of each
   * (`member1`, `member2` ...), to be trained by; 1, which has no outputs beside the first, when left out.
   */
  readonly members?: number;
  /** What part of each layer's results is dropped while training; 0 when left out. */
  readonly dropout?: number;
  /** What part of the states that recurrent layers hand on is dropped while training, the same in all of a piece; 0 when left out. */
  readonly recurrentDropout?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** Keys of a piano. */
const KEYS = 88;
/** MIDI's pitches, and silence. */
const PITCHES = 129;

/** Chords that have to be alike, and numbers that say so. */
const [ALIKE, FEATURES] = [4, 64];

const cells = { rnn, gru, lstm };

/**
 * A recurrent network that expects chords: each step of a piece, from those before it. Its input `before` has the chord before each
 * step, with silence before the first; what it gives for a step is made from its state and from that chord, `W [h, x] + b`.
 *
 * With `head: "keys"`, chords are keys of a piano, float32 `[length, 88]` of 0 and 1, and it gives logits `[length, 88]`: each key is
 * down or not by itself, given what was before (Boulanger-Lewandowski et al., 2012, https://arxiv.org/abs/1206.6392).
 *
 * With `head: "voices"`, chords are the MIDI pitches of voices, int32 `[length, voices]`, 128 for silence, as
 * {@linkcode data.choraleVoices} has them. A second input `now` has the chords themselves, and it gives the logits of each voice,
 * `[length, voices, 129]`, from what was before and from the voices above it ({@linkcode layers.nade}).
 *
 * @throws {RangeError | TypeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * assertEquals(models.chordRnn({ length: 160, cell: "lstm" }).outputShape, [160, 88]);
 * assertEquals(models.chordRnn({ length: 160, head: "voices" }).outputShape, [160, 4, 129]);
 * ```
 */
export function chordRnn(options: ChordRnnOptions): Model {
  const read = readOptions("make chordRnn", options, {
    length: required(whole(1)),
    head: optional(oneOf(["keys", "voices"]), "keys"),
    voices: optional(whole(1), 4),
    cell: optional(oneOf(["rnn", "gru", "lstm"]), "gru"),
    units: optional(whole(1), 150),
    layers: optional(whole(), 1),
    convolutions: optional(whole(0, 8), 0),
    recall: optional(flag, false),
    members: optional(whole(1), 1),
    dropout: optional(fraction, 0),
    recurrentDropout: optional(fraction, 0),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  const { length, head, voices, cell, units, layers, convolutions, members, seed } = read;
  if (layers + convolutions === 0) {
    throw new RangeError("Cannot make chordRnn with layers 0 and convolutions 0: it takes one of either");
  }
  if (read.recall && head === "voices") {
    throw new RangeError('Cannot make chordRnn with recall and head "voices": what is recalled are keys');
  }
  const drop = (x: SymbolicTensor) => read.dropout > 0 ? x.to(dropout(read.dropout)) : x;
  // What a network knows of a step: what came of all before, and what came in last.
  const known = (chords: SymbolicTensor) => {
    let x = chords;
    for (let i = 0; i < convolutions; i++) {
      const convolution = () =>
        conv1d({ filters: units, kernelSize: 3, padding: "causal", dilations: 2 ** i, activation: "relu" });
      const inner = drop(drop(x.to(convolution())).to(convolution()));
      const around = x.shape[1] === units ? x : x.to(dense({ units }));
      x = merge(addLayers(), [inner, around]).to(activation("relu"));
    }
    for (let i = 0; i < layers; i++) {
      x = drop(x.to(cells[cell]({ units, returnSequences: true, recurrentDropout: read.recurrentDropout })));
    }
    return merge(concatLayers(), [x, chords]);
  };
  const name = `${head === "keys" ? "chord" : "voice"} ${layers > 0 ? cell : "tcn"}`;
  const inputs = {
    before: input(head === "keys" ? [length, KEYS] : [length, voices], {
      name: "before",
      dtype: head === "keys" ? "float32" : "int32",
    }),
    ...head === "voices" && { now: input([length, voices], { name: "now", dtype: "int32" }) },
  };
  const each = Array.from({ length: members }, () => {
    const { before, now } = inputs;
    if (!now) {
      const logits = known(before).to(dense({ units: KEYS }));
      return read.recall ? merge(addLayers(), [logits, recalled(before)]) : logits;
    }
    const chords = before.to(embeddingSum({ tokens: PITCHES, units }));
    return merge(nade({ categories: PITCHES, units }), [known(chords), now]);
  });
  const outputs = members === 1 ? each[0] : {
    mean: merge(averageLayers(), each),
    ...Object.fromEntries(each.map((logits, i) => [`member${i + 1}`, logits])),
  };
  return graph({ inputs, outputs, name, seed });
}

/** What followed places at which the last chords were as they are now. */
function recalled(chords: SymbolicTensor): SymbolicTensor {
  const alike = chords.to(
    conv1d({ filters: FEATURES, kernelSize: ALIKE, padding: "causal", useBias: false }),
  );
  return merge(recall(), [chords, alike]);
}
