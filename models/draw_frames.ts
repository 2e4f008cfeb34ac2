/** Draws sounds from a model that expects frames, on the device: a frame that was drawn is the next one that goes in. */
import { finite, from, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import type { Tensor } from "../engine/tensor.ts";
import { expandDims, full, RandomSource, scan, squeeze, type Tensors, transpose, zeros } from "../ops/mod.ts";
import { wordKind } from "../ops/random/random.ts";
import { tensorKind } from "../ops/tensor_kind.ts";
import { drawFrame } from "./frame_mixture.ts";
import type { Model } from "./model.ts";

/** How {@linkcode drawFrames} draws. */
export interface DrawFramesOptions {
  /** The class of each sound, int32 `[sounds]`. */
  readonly kinds: Tensor;
  /** How many frames there are in the end; as many as the model was trained on when left out. */
  readonly frames?: number;
  /** What deviations are multiplied by: 1 when left out; less is nearer to what is most expected. */
  readonly temperature?: number;
  /** A number from 0 to 2^32 - 1, or a `uint32` tensor `[]`; 0 when left out. */
  readonly seed?: Tensor | number;
  /** The frame before the first: what silence is; zeros when left out. */
  readonly silence?: number;
}

/**
 * Sounds as frames of bands, drawn from a model such as {@linkcode soundRnn} makes, frame by frame; the same seed draws the same. To
 * be used in a program: nothing of it visits the host before all is drawn.
 *
 * @param weights Tensors by the weights' full names.
 * @returns `[sounds, frames, bands]`.
 * @throws {RangeError | TypeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models, ops, program } from "@gesso/gesso";
 *
 * const model = models.soundRnn({ frames: 20, bands: 8, classes: 2, units: 8 });
 * const draw = await program(
 *   (weights) => ({
 *     outputs: { frames: models.drawFrames(model, weights, { kinds: ops.tensor([0, 1, 1], [3], "int32"), seed: 1 }) },
 *   }),
 *   { state: Object.fromEntries(model.weights), device: "cpu" },
 * );
 * assertEquals((await draw.call()).frames.shape, [3, 20, 8]);
 * draw.close();
 * ```
 */
export function drawFrames(model: Model, weights: Tensors, options: DrawFramesOptions): Tensor {
  const { shape: [length, bands] } = model.inputs.before;
  const { kinds, frames, temperature, seed, silence } = readOptions(
    `draw frames with ${model.name}`,
    options,
    {
      kinds: required(tensorKind),
      frames: optional(whole(1), length),
      temperature: optional(from(0), 1),
      seed: optional(wordKind, full([], 0, "uint32")),
      silence: optional(finite, 0),
    },
  );
  const [sounds] = kinds.shape;
  const { ys } = scan(({ frame, ...carry }: Tensors, _, position) => {
    const random = new RandomSource({ seed, counter: position });
    const { output, carry: next } = model.apply({ before: frame, kind: expandDims(kinds, 1) }, weights, {
      carry,
    });
    const drawn = drawFrame(output, bands, random, temperature);
    return { carry: { frame: drawn, ...next }, ys: { frame: squeeze(drawn, 1) } };
  }, {
    carry: {
      frame: full([sounds, 1, bands], silence),
      ...Object.fromEntries(
        Object.entries(model.carry).map((
          [name, { shape, dtype }],
        ) => [name, zeros([sounds, ...shape], dtype)]),
      ),
    },
    length: frames,
  });
  return transpose(ys.frame, [1, 0, 2]);
}
