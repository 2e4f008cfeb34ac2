/** Draws chords from what a model expects, on the device: in the loop of a `scan`, a chord that was drawn is the next one that goes in. */
import { numberThat, objectThat, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { formatShape } from "../engine/shape.ts";
import { Tensor } from "../engine/tensor.ts";
import {
  cast,
  concat,
  div,
  expandDims,
  full,
  greater,
  iota,
  less,
  pad,
  randomUniform,
  scan,
  sigmoid,
  slice,
  squeeze,
  type Tensors,
  transpose,
  where,
  zeros,
} from "../ops/mod.ts";
import { wordKind } from "../ops/random/random.ts";
import type { Model } from "./model.ts";
import { sampleLogits } from "./sampling.ts";

/** How {@linkcode drawChords} draws. */
export interface DrawChordsOptions {
  /** How many chords there are in the end, with those that are given. */
  readonly steps: number;
  /** Pieces that are drawn at once; 1 when left out, or as many as are given. */
  readonly pieces?: number;
  /** Chords that pieces begin with, `[pieces, given, 88]` or int32 `[pieces, given, voices]`; none when left out. */
  readonly given?: Tensor;
  /** What logits are divided by: 1 when left out; less is surer, and 0 takes the likeliest. */
  readonly temperature?: number;
  /** Of voices alone: the likeliest pitches that have this probability together may be drawn; all when left out. */
  readonly topP?: number;
  /** A number from 0 to 2^32 - 1, or a `uint32` tensor `[]`; 0 when left out. */
  readonly seed?: Tensor | number;
}

/** Silence, as a pitch. */
const SILENCE = 128;

/** A temperature that is sure enough. */
const LEAST_TEMPERATURE = 1e-4;

const drawOptions = {
  steps: required(whole(1)),
  pieces: optional(whole(1)),
  given: optional(objectThat<Tensor>("a tensor", (value) => value instanceof Tensor)),
  temperature: optional(numberThat("from 0", (value) => value >= 0 && Number.isFinite(value)), 1),
  topP: optional(numberThat("above 0 and up to 1", (value) => value > 0 && value <= 1)),
  seed: optional(wordKind),
};

/**
 * Pieces of music, drawn from a model such as {@linkcode chordRnn} makes, chord by chord and voice by voice; the same seed draws the
 * same. To be used in a program: nothing of it visits the host before all is drawn.
 *
 * @param weights Tensors by the weights' full names.
 * @returns Keys that are down, float32 `[pieces, steps, 88]` of 0 and 1, or the pitches of voices, int32 `[pieces, steps, voices]`.
 * @throws {RangeError | TypeError} when the model does not expect chords, or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models, program } from "@gesso/gesso";
 *
 * const model = models.chordRnn({ length: 16, head: "voices", units: 8 });
 * const draw = await program(
 *   (weights) => ({ outputs: { chords: models.drawChords(model, weights, { steps: 5, seed: 3 }) } }),
 *   { state: Object.fromEntries(model.weights), device: "cpu" },
 * );
 * assertEquals((await draw.call()).chords.shape, [1, 5, 4]);
 * draw.close();
 * ```
 */
export function drawChords(model: Model, weights: Tensors, options: DrawChordsOptions): Tensor {
  const attempt = `draw chords with ${model.name}`;
  const { steps, given, temperature, topP, seed = full([], 0, "uint32"), ...read } = readOptions(
    attempt,
    options,
    drawOptions,
  );
  const { before, now } = model.inputs;
  if (before?.shape.length !== 2) {
    throw new RangeError(
      `Cannot ${attempt}: it takes ${
        Object.keys(model.inputs).join(", ")
      }, and one such as chordRnn makes takes the chords before`,
    );
  }
  const [, size] = before.shape;
  const pieces = given?.shape[0] ?? read.pieces ?? 1;
  if (
    given &&
    (given.rank !== 3 || given.shape[2] !== size || given.dtype !== before.dtype ||
      read.pieces !== undefined && read.pieces !== pieces)
  ) {
    throw new RangeError(
      `Cannot ${attempt} beginning with ${given.dtype} ${
        formatShape(given.shape)
      }: it takes ${before.dtype} [${read.pieces ?? "pieces"}, given, ${size}]`,
    );
  }
  const first = now ? full([pieces, 1, size], SILENCE, "int32") : zeros([pieces, 1, size]);
  const count = Math.min(given?.shape[1] ?? 0, steps);
  const draw = now ? drawVoices : drawKeys;
  const { ys } = scan(({ chord, ...carry }: Tensors, { known, isGiven }: Tensors, position) => {
    const drawn = draw({ model, weights, chord, carry, size, seed, position, temperature, topP });
    const next = known ? where(isGiven, expandDims(known, 1), drawn.chord) : drawn.chord;
    return { carry: { chord: next, ...drawn.carry }, ys: { chord: squeeze(next, 1) } };
  }, {
    carry: {
      chord: first,
      ...Object.fromEntries(
        Object.entries(model.carry).map((
          [name, { shape, dtype }],
        ) => [name, zeros([pieces, ...shape], dtype)]),
      ),
    },
    length: steps,
    ...given && count > 0
      ? { xs: { known: inTime(given, count, steps), isGiven: less(iota(steps), count) } }
      : {},
  });
  return transpose(ys.chord, [1, 0, 2]);
}

/** What is given, `[steps, pieces, size]`, with anything behind it. */
function inTime(given: Tensor, count: number, steps: number): Tensor {
  const [pieces, , size] = given.shape;
  const whole = pad(slice(given, [0, 0, 0], [pieces, count, size]), [[0, 0], [0, steps - count], [0, 0]]);
  return transpose(whole, [1, 0, 2]);
}

interface Drawing {
  readonly model: Model;
  readonly weights: Tensors;
  /** The chord before, `[pieces, 1, size]`. */
  readonly chord: Tensor;
  readonly carry: Tensors;
  readonly size: number;
  readonly seed: Tensor;
  readonly position: Tensor;
  readonly temperature: number;
  readonly topP: number | undefined;
}

/** A chord, and what is handed on to the next. */
interface Drawn {
  readonly chord: Tensor;
  readonly carry: Tensors;
}

/** Each key by itself. */
function drawKeys({ model, weights, chord, carry, seed, position, temperature }: Drawing): Drawn {
  const { output, carry: next } = model.apply({ before: chord }, weights, { carry });
  const chance = sigmoid(div(output, Math.max(temperature, LEAST_TEMPERATURE)));
  const isDown = temperature === 0
    ? greater(output, 0)
    : less(randomUniform(output.shape, { seed, counter: position }), chance);
  return { chord: cast(isDown, "float32"), carry: next };
}

/** Each voice from those above it. What of the model does not depend on them is the same each time, and so computed once. */
function drawVoices(
  { model, weights, chord, carry, size, seed, position, temperature, topP }: Drawing,
): Drawn {
  const rest = full([chord.shape[0], 1, 1], SILENCE, "int32");
  const voices: Tensor[] = [];
  for (let voice = 0; voice < size; voice++) {
    const now = concat([...voices, ...Array.from({ length: size - voice }, () => rest)], 2);
    const { output } = model.apply({ before: chord, now }, weights, { carry });
    const [pieces, , , pitches] = output.shape;
    const own = squeeze(slice(output, [0, 0, voice, 0], [pieces, 1, 1, pitches]), 2);
    const pitch = sampleLogits(own, { seed, counter: position, stream: voice, temperature, topP });
    voices.push(expandDims(pitch, 2));
  }
  const now = concat(voices, 2);
  return { chord: now, carry: model.apply({ before: chord, now }, weights, { carry }).carry };
}
