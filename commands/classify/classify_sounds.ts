/** What a model hears in sounds. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { clipsIn } from "../../data/audio/clips.ts";
import { SoundChanges } from "../../data/audio/sound_changes.ts";
import type { SoundForm } from "../../data/audio/sound_form.ts";
import type { Model } from "../../models/model.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Device } from "../../engine/device.ts";
import { messageOf } from "../failure.ts";
import { readFileUpTo } from "../permissions/read_file.ts";
import { print } from "../terminal/print.ts";
import { labelled } from "../terminal/terminal.ts";
import type { Answers } from "./answers.ts";

/** An hour of 16-bit stereo is 635 MB. */
const mostBytes = 1_000_000_000;

/** Reads sounds (WAV, FLAC or MP3, of any rate and length), and asks a model that `train audio` made. */
export async function classifySounds(
  model: Model,
  paths: readonly string[],
  open: () => Promise<Device>,
): Promise<Answers> {
  const form: SoundForm = { rate: model.info.sound!.rate, length: model.inputShape[0], long: "start" };
  const { sounds, refused, changes } = await readSounds(paths, form);
  if (sounds.length === 0) return { names: [], refused };
  const device = await open();
  for (const change of changes) print(labelled("changed", change));
  const clips = ndarray("float32", [sounds.length, form.length], joined(sounds.map(({ clip }) => clip)));
  const probabilities = await predict(model, clips, { device, probabilities: true });
  device.close();
  return { names: sounds.map(({ path }) => path), probabilities, refused };
}

interface NamedClip {
  readonly path: string;
  /** As the model takes it. */
  readonly clip: Float32Array;
}

/** Reads what can be read, and says why the others cannot. */
async function readSounds(
  paths: readonly string[],
  form: SoundForm,
): Promise<{ sounds: NamedClip[]; refused: string[]; changes: string[] }> {
  const [sounds, refused]: [NamedClip[], string[]] = [[], []];
  const changes = new SoundChanges(form);
  for (const path of paths) {
    try {
      const { isDirectory, isCharDevice } = await Deno.stat(path);
      if (isDirectory || isCharDevice) {
        const what = isDirectory ? "folder; name the sounds in it" : "device, no sound";
        throw new UsageError(`Cannot read ${path}: it is a ${what}`);
      }
      const clips = await clipsIn(await readFileUpTo(mostBytes, path, "a sound"), path, form, changes);
      const reason = typeof clips === "string"
        ? clips
        : clips[0].every((sample) => sample === 0) && "it is silent";
      if (reason) throw new UsageError(`Cannot hear ${path}: ${reason}`);
      sounds.push({ path, clip: clips[0] as Float32Array });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      refused.push(messageOf(error));
    }
  }
  return { sounds, refused, changes: changes.lines() };
}

function joined(clips: readonly Float32Array[]): NdArray<"float32">["data"] {
  const samples = new Float32Array(clips.length * clips[0].length);
  clips.forEach((clip, i) => samples.set(clip, i * clip.length));
  return samples;
}
