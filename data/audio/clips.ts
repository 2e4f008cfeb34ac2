/** Reads sound files of any rate and length as clips of one. */
import { ndarray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeSound, soundFormat } from "../../formats/sound/decode_sound.ts";
import { mixToMono, resampleSound } from "../../formats/sound/resample.ts";
import { MOST_SAMPLES, type Sound } from "../../formats/sound/sound.ts";
import type { FileKind } from "../folder/read_file.ts";
import type { SoundChanges } from "./sound_changes.ts";
import type { SoundForm } from "./sound_form.ts";

/** Files that are read; an hour of 16-bit stereo is 635 MB. */
export const soundFile: FileKind = {
  mostBytes: 1 << 30,
  refusal: (start) => soundFormat(start) ? undefined : "it starts like no WAV, FLAC or MP3 file",
};

/** The clips in a file, or why there are none. */
export async function clipsIn(
  bytes: Uint8Array,
  file: string,
  form: SoundForm,
  changes: SoundChanges,
): Promise<readonly Float32Array[] | string> {
  try {
    const sound = await decodeSound(bytes, file);
    const { samples: { shape: [length, channels], data }, rate } = sound;
    if (length === 0) return "it has no samples";
    const wrong = data.findIndex((sample) => !Number.isFinite(sample));
    if (wrong >= 0) return `sample ${Math.floor(wrong / channels)} is ${data[wrong]}`;
    const whole = Math.ceil(length * form.rate / rate);
    if (form.long === "windows" && whole > MOST_SAMPLES) {
      return `at ${form.rate} Hz it has ${whole} samples, and at most ${MOST_SAMPLES} are read`;
    }
    changes.add({ channels, rate, length: whole });
    return cut(resampleSound(mixToMono(kept(sound, whole, form)), form.rate), form);
  } catch (error) {
    if (error instanceof FormatError) return error.reason;
    throw error;
  }
}

/** What is needed of a long sound, so that no more is resampled. */
function kept({ samples, rate }: Sound, whole: number, { long, length, rate: newRate }: SoundForm): Sound {
  if (whole <= length || long === "windows") return { samples, rate };
  const [own, channels] = samples.shape;
  const count = Math.min(own, Math.ceil(length * rate / newRate));
  const start = long === "start" ? 0 : Math.floor((own - count) / 2);
  const part = samples.data.subarray(start * channels, (start + count) * channels);
  return { samples: ndarray("float32", [count, channels], part), rate };
}

/** Clips one after another, the last one followed by silence. */
function cut({ samples: { data } }: Sound, { length, long }: SoundForm): Float32Array[] {
  const count = long === "windows" ? Math.ceil(data.length / length) : 1;
  return Array.from({ length: count }, (_, i) => {
    const clip = new Float32Array(length);
    clip.set(data.subarray(i * length, (i + 1) * length));
    return clip;
  });
}
