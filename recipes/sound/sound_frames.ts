/** Sounds as frames that a network can expect, and back. */
import type { NdArray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import { logMel } from "../../models/layers/signal/log_mel.ts";
import { sequential } from "../../models/model.ts";
import { clamp, exp, griffinLim, invertMel, mul, sqrt, sub } from "../../ops/mod.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";

/** Power below which all is silence. */
const FLOOR = 1e-3;
/** What logarithms of power are divided by, so that they are about as far apart as numbers in a network are. */
const SCALE = 4;
/** What a band of silence is. */
export const SILENCE = Math.log(FLOOR) / SCALE;
/** How loud a band is, in dB. */
export const decibelsOf = (value: number): number => value * SCALE * 10 / Math.LN10;
/** Bands of a frame. */
export const BANDS = 48;

/** Frames of some 32 ms, a hundred a second. */
const framesAt = (rate: number) => ({
  rate,
  size: 2 ** Math.max(4, Math.round(Math.log2(rate * 0.032))),
  hop: Math.max(1, Math.round(rate / 100)),
  bands: BANDS,
  low: 20,
});

/** Clips `[clips, samples]` as frames `[clips, frames, bands]`. */
export async function framesOfClips(
  clips: NdArray,
  rate: number,
  { device, signal }: Where,
): Promise<NdArray<"float32">> {
  const hear = sequential([logMel({ ...framesAt(rate), floor: FLOOR })], { inputShape: [clips.shape[1]] });
  const heard = await predict(hear, clips, { device, signal });
  heard.data.forEach((value, i) => heard.data[i] = value / SCALE);
  return heard;
}

/** Samples a frame stands for, from its beginning to that of the next one. */
export const samplesOf = (frames: number, rate: number): number => (frames - 1) * framesAt(rate).hop;

/** Frames `[clips, frames, bands]` as clips `[clips, samples]`: phases are found by Griffin and Lim's rounds. */
function clipsOfFrames(frames: Tensor, rate: number, seed: number): Tensor {
  const form = framesAt(rate);
  const power = clamp(sub(exp(mul(frames, SCALE)), FLOOR), 0, 1e8);
  const magnitudes = sqrt(invertMel(power, form));
  const { size, hop } = form;
  return griffinLim(magnitudes, samplesOf(frames.shape[1], rate), { size, hop, iterations: 60, seed });
}

/** The same on a device, with each clip as loud as it can be. */
export async function soundsOfFrames(
  frames: NdArray,
  rate: number,
  seed: number,
  where: Where,
): Promise<NdArray<"float32">> {
  const back = await program((_, { frames }) => ({ outputs: { clips: clipsOfFrames(frames, rate, seed) } }), {
    device: where.device,
    inputs: { frames: { dtype: "float32", shape: frames.shape } },
    signal: where.signal,
  });
  try {
    const { clips } = await back.call({ frames: frames.data });
    const [count, length] = clips.shape;
    for (let i = 0; i < count; i++) {
      normalize(clips.data.subarray(i * length, (i + 1) * length) as Float32Array);
    }
    return clips as NdArray<"float32">;
  } finally {
    back.close();
  }
}

/** Makes the largest sample 0.9; leaves silence as it is. */
function normalize(samples: Float32Array): void {
  const most = samples.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  if (most > 1e-4) samples.forEach((sample, i) => samples[i] = sample * 0.9 / most);
}
