/** Made sounds as files. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Sound } from "../../formats/sound/sound.ts";

/** Seconds of silence between sounds. */
const PAUSE = 0.15;
/** What is quieter than this at the end of a sound is no part of it. */
const QUIET = 1e-3;

/** One of the clips `[clips, samples]`, without the silence at its end. */
export function clipOf({ data, shape: [, length] }: NdArray, i: number, rate: number): Sound {
  const own = data.subarray(i * length, (i + 1) * length) as Float32Array;
  let end = length;
  while (end > 1 && Math.abs(own[end - 1]) < QUIET) end--;
  return { samples: ndarray("float32", [end, 1], own.slice(0, end)), rate };
}

/** Clips `[clips, samples]` one after another, with pauses. */
export function oneAfterAnother(clips: NdArray, rate: number): Sound {
  const pause = Math.round(PAUSE * rate);
  const sounds = Array.from({ length: clips.shape[0] }, (_, i) => clipOf(clips, i, rate).samples);
  const samples = new Float32Array(sounds.reduce((sum, { shape: [length] }) => sum + length + pause, 0));
  let at = 0;
  for (const { data, shape: [length] } of sounds) {
    samples.set(data, at);
    at += length + pause;
  }
  return { samples: ndarray("float32", [samples.length, 1], samples), rate };
}
