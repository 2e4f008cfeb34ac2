/** A recurrent network that makes sounds like those that it has heard, frame by frame. */
import { ndarray } from "../engine/array.ts";
import { whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { dense } from "./layers/core/dense.ts";
import { gru } from "./layers/recurrent/gru.ts";
import { concatLayers } from "./layers/merging/merging.ts";
import { graph } from "./graph/graph.ts";
import { input, merge } from "./graph/symbolic_tensor.ts";
import { expectedWidth } from "./frame_distribution.ts";
import type { Model } from "./model.ts";

/** Options of {@linkcode soundRnn}. */
export interface SoundRnnOptions {
  /** Frames of a sound. */
  readonly frames: number;
  /** How many bands a frame has. */
  readonly bands: number;
  /** How many sounds there are to be like. */
  readonly sounds: number;
  /** Numbers that say where in a sound a frame is, and how the sound is changed. */
  readonly places: number;
  /** Units of the recurrent layer; 160 when left out. */
  readonly units?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** Numbers that stand for a sound; what is between those of two sounds stands for a sound between them. */
const CODE = 24;

/**
 * A recurrent network that makes sounds as frames of bands, such as scaled {@linkcode layers.logMel}: for each frame, how it is
 * distributed. Its input `like`, float32 `[frames, sounds]`, says which of the sounds in training it is like, in parts that add up to
 * 1, its input `place`, float32 `[frames, places]`, where in the sound each frame is. What it gives is for {@linkcode frameLoss} and
 * {@linkcode drawFrames}. What it has made so far reaches it by its state alone, so that no chance of one frame leads the others astray.
 *
 * @throws {RangeError} when an option is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.soundRnn({ frames: 100, bands: 48, sounds: 120, places: 8 });
 * assertEquals([model.inputs.like.shape, model.outputs.expected], [[100, 120], [100, 96]]);
 * ```
 */
export function soundRnn(options: SoundRnnOptions): Model {
  const { frames, bands, sounds, places, units, seed } = readOptions("make soundRnn", options, {
    frames: required(whole(1)),
    bands: required(whole(1)),
    sounds: required(whole(1)),
    places: required(whole(1)),
    units: optional(whole(1), 160),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  const like = input([frames, sounds], { name: "like" });
  const place = input([frames, places], { name: "place" });
  const code = like.to(dense({ units: CODE, useBias: false, kernelInitializer: "heNormal", name: "code" }));
  const known = merge(concatLayers(), [code, place]);
  const first = known.to(dense({ units: Math.ceil(units * 0.6), activation: "relu" }));
  const state = first.to(gru({ units, returnSequences: true }));
  const last = merge(concatLayers(), [state, first]).to(dense({ units, activation: "relu" }));
  const expected = last.to(dense({ units: expectedWidth(bands) }));
  const model = graph({ inputs: { like, place }, outputs: { expected }, name: "sound-gru", seed });
  // Codes begin as far apart as the numbers beside them, however many sounds there are.
  const { shape, data } = model.weights.get("code/kernel")!;
  model.setWeight(
    "code/kernel",
    ndarray("float32", shape, data.map((value) => value * Math.sqrt(sounds / 2))),
  );
  return model;
}
