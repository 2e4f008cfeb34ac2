/** Draws sounds from a model that says how frames are distributed, on the device. */
import { from } from "../engine/option_kinds.ts";
import { optional, readOptions } from "../engine/options.ts";
import type { Tensor } from "../engine/tensor.ts";
import { full, RandomSource, type Tensors } from "../ops/mod.ts";
import { wordKind } from "../ops/random/random.ts";
import { drawFrame } from "./frame_distribution.ts";
import type { Model } from "./model.ts";

/** How {@linkcode drawFrames} draws. */
export interface DrawFramesOptions {
  /** What deviations are multiplied by: 1 when left out; less is nearer to what is most expected. */
  readonly temperature?: number;
  /** A number from 0 to 2^32 - 1, or a `uint32` tensor `[]`; 0 when left out. */
  readonly seed?: Tensor | number;
}

/**
 * Sounds as frames of bands, drawn from a model such as {@linkcode soundRnn} makes; the same seed draws the same. To be used in a
 * program: nothing of it visits the host before all is drawn.
 *
 * @param weights Tensors by the weights' full names.
 * @param given What goes in: `like` `[sounds, frames, known]` and `place` `[sounds, frames, places]`.
 * @returns `[sounds, frames, bands]`.
 * @throws {RangeError | TypeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models, ops, program } from "@gesso/gesso";
 *
 * const model = models.soundRnn({ frames: 20, bands: 8, sounds: 2, places: 1, units: 8 });
 * const given = { like: ops.mul(ops.ones([3, 20, 2]), 0.5), place: ops.ones([3, 20, 1]) };
 * const draw = await program(
 *   (weights) => ({ outputs: { frames: models.drawFrames(model, weights, given, { seed: 1 }) } }),
 *   { state: Object.fromEntries(model.weights), device: "cpu" },
 * );
 * assertEquals((await draw.call()).frames.shape, [3, 20, 8]);
 * draw.close();
 * ```
 */
export function drawFrames(
  model: Model,
  weights: Tensors,
  given: { readonly like: Tensor; readonly place: Tensor },
  options: DrawFramesOptions = {},
): Tensor {
  const { temperature, seed } = readOptions(`draw frames with ${model.name}`, options, {
    temperature: optional(from(0), 1),
    seed: optional(wordKind, full([], 0, "uint32")),
  });
  const { output } = model.apply({ like: given.like, place: given.place }, weights);
  return drawFrame(output, new RandomSource({ seed }), temperature);
}
