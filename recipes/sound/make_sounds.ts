/** Sounds that a trained network makes. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Random } from "../../data/random.ts";
import { program } from "../../devices/program.ts";
import { drawFrames } from "../../models/draw_frames.ts";
import type { Model } from "../../models/model.ts";
import { broadcastTo, expandDims } from "../../ops/mod.ts";
import type { Where } from "../recipe.ts";
import { soundsOfFrames } from "./sound_frames.ts";
import { placesOf } from "./sound_places.ts";

/** How much of a sound is like the nearer of the two that it is between, at least: half-way between a bell and a click is neither. */
const NEAREST = 0.75;

/** What is asked for. */
export interface MakeSounds {
  /** The class of each sound. */
  readonly kinds: readonly number[];
  /** How far from what is most expected; see {@linkcode drawFrames}. */
  readonly temperature: number;
  readonly seed: number;
}

/**
 * Clips `[sounds, samples]`, as long as those in training, ready to be heard. Each is between two sounds of its class, longer or
 * shorter, higher or lower than these, all of it at random.
 */
export async function makeSounds(
  model: Model,
  { kinds, temperature, seed }: MakeSounds,
  where: Where,
): Promise<NdArray<"float32">> {
  const { shape: [frames, known] } = model.inputs.like;
  const { rate, heard } = model.info.sound!;
  const count = kinds.length;
  const random = new Random(seed, 7);
  const like = new Float32Array(count * known);
  kinds.forEach((kind, i) => {
    const own = heard!.flatMap((other, sound) => other === kind ? [sound] : []);
    const [one, other] = [0, 1].map(() => own[random.below(own.length)]);
    const part = random.uniform(NEAREST, 1);
    like[i * known + one] += part;
    like[i * known + other] += 1 - part;
  });
  const changes = Float32Array.from({ length: count * 2 }, () => random.uniform(-1, 1));
  const draw = await program((weights, { like, changes }) => ({
    outputs: {
      frames: drawFrames(model, weights, {
        like: broadcastTo(expandDims(like, 1), [count, frames, known]),
        place: placesOf(changes, frames),
      }, { temperature, seed }),
    },
  }), {
    state: Object.fromEntries(model.weights),
    device: where.device,
    inputs: {
      like: { dtype: "float32", shape: [count, known] },
      changes: { dtype: "float32", shape: [count, 2] },
    },
    signal: where.signal,
  });
  try {
    const { frames } = await draw.call({
      like: ndarray("float32", [count, known], like).data,
      changes: ndarray("float32", [count, 2], changes).data,
    });
    return await soundsOfFrames(frames, rate, seed, where);
  } finally {
    draw.close();
  }
}
