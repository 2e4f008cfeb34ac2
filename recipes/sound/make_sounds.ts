/** Sounds that a trained network makes. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { program } from "../../devices/program.ts";
import { drawFrames } from "../../models/draw_frames.ts";
import type { Model } from "../../models/model.ts";
import type { Where } from "../recipe.ts";
import { SILENCE, soundsOfFrames } from "./sound_frames.ts";

/** What is asked for. */
export interface MakeSounds {
  /** The class of each sound. */
  readonly kinds: readonly number[];
  /** See {@linkcode drawFrames}. */
  readonly temperature: number;
  readonly seed: number;
}

/** Clips `[sounds, samples]`, each at most as long as those in training, ready to be heard. */
export async function makeSounds(
  model: Model,
  { kinds, temperature, seed }: MakeSounds,
  where: Where,
): Promise<NdArray<"float32">> {
  const draw = await program((weights, { kinds }) => ({
    outputs: { frames: drawFrames(model, weights, { kinds, temperature, seed, silence: SILENCE }) },
  }), {
    state: Object.fromEntries(model.weights),
    device: where.device,
    inputs: { kinds: { dtype: "int32", shape: [kinds.length] } },
    signal: where.signal,
  });
  try {
    const { frames } = await draw.call({ kinds: ndarray("int32", [kinds.length], kinds).data });
    return await soundsOfFrames(frames, model.info.sound!.rate, seed, where);
  } finally {
    draw.close();
  }
}
