/** A recurrent network that expects sounds, frame by frame. */
import { fraction, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout as dropoutLayer } from "./layers/core/dropout.ts";
import { embedding } from "./layers/embedding/embedding.ts";
import { gru } from "./layers/recurrent/gru.ts";
import { concatLayers } from "./layers/merging/merging.ts";
import { graph } from "./graph/graph.ts";
import { input, merge } from "./graph/symbolic_tensor.ts";
import { mixtureWidth } from "./frame_mixture.ts";
import type { Model } from "./model.ts";

/** Options of {@linkcode soundRnn}. */
export interface SoundRnnOptions {
  /** Frames of a sound. */
  readonly frames: number;
  /** How many bands a frame has. */
  readonly bands: number;
  /** Kinds of sounds. */
  readonly classes: number;
  /** Units of the recurrent layer; 192 when left out. */
  readonly units?: number;
  /** Normal distributions that a frame may be of; 4 when left out. */
  readonly mixtures?: number;
  /** What part of what is known of the frame before is dropped while training; 0.2 when left out. */
  readonly dropout?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** Numbers that stand for a kind of sound. */
const KIND = 24;

/**
 * A recurrent network that expects sounds as frames of bands, such as scaled {@linkcode layers.logMel}: of each frame, from those
 * before it and from the kind of sound, how it is distributed. Its input `before`, float32 `[frames, bands]`, has the frame before
 * each, its input `kind`, int32 `[frames]`, the class of the sound at each. What it gives is for {@linkcode frameLoss} and
 * {@linkcode drawFrames}.
 *
 * @throws {RangeError} when an option is no whole number from 1, or the dropout is not from 0 up to but without 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.soundRnn({ frames: 100, bands: 48, classes: 7 });
 * assertEquals([model.inputs.before.shape, model.inputs.kind.shape], [[100, 48], [100]]);
 * ```
 */
export function soundRnn(options: SoundRnnOptions): Model {
  const { frames, bands, classes, units, mixtures, dropout, seed } = readOptions("make soundRnn", options, {
    frames: required(whole(1)),
    bands: required(whole(1)),
    classes: required(whole(1)),
    units: optional(whole(1), 192),
    mixtures: optional(whole(1), 4),
    dropout: optional(fraction, 0.2),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  const before = input([frames, bands], { name: "before" });
  const kind = input([frames], { name: "kind", dtype: "int32" });
  const which = kind.to(embedding({ tokens: classes, units: KIND }));
  const known = before.to(dense({ units: Math.ceil(units / 2), activation: "relu" }), dropoutLayer(dropout));
  const heard = merge(concatLayers(), [known, which]).to(gru({ units, returnSequences: true }));
  const expected = merge(concatLayers(), [heard, which]).to(dense({ units: mixtureWidth(bands, mixtures) }));
  return graph({ inputs: { before, kind }, outputs: { expected }, name: "sound-gru", seed });
}
