/** `classify`: what a saved model hears in sounds. */
import { type NdArray, ndarray } from "../engine/array.ts";
import { visible } from "../engine/visible.ts";
import { clipsIn } from "../data/audio/clips.ts";
import { SoundChanges } from "../data/audio/sound_changes.ts";
import type { SoundForm } from "../data/audio/sound_form.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { predict } from "../training/fit/predict.ts";
import type { Command } from "./command.ts";
import { messageOf } from "./failure.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { sharedFolders } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { readFileUpTo } from "./permissions/read_file.ts";
import { classRows } from "./terminal/class_rows.ts";
import { bold, print, printError } from "./terminal/print.ts";
import { labelled } from "./terminal/terminal.ts";

/** An hour of 16-bit stereo is 635 MB. */
const mostBytes = 1_000_000_000;

/** The command. */
export const classify: Command = {
  name: "classify",
  summary: "Show what a saved model hears in sounds (WAV, FLAC or MP3, of any rate and length).",
  operands: "SOUND...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values, sounds) => ({
    now: joinPermissions(modelNeeds(values), { read: sounds }),
    later: { read: sharedFolders(sounds) },
  }),
  options: [modelOption, ...deviceOptions],
  notes: ["Sounds elsewhere need --allow-read for their folder."],
  run: async (values, paths) => {
    if (paths.length === 0) {
      throw new UsageError("Cannot classify without a sound: name one or more WAV, FLAC or MP3 files");
    }
    const { model } = await openModel(values);
    const { sound, classNames = [] } = model.info;
    if (!sound || model.inputShape.length !== 1) {
      throw new UsageError(
        `Cannot classify sounds: the model takes [${
          model.inputShape.join(", ")
        }], no sounds; train audio makes one that does`,
      );
    }
    const form: SoundForm = { rate: sound.rate, length: model.inputShape[0], long: "start" };
    const { sounds, refused, changes } = await readSounds(paths, form);
    if (sounds.length > 0) {
      const device = await openDevice(values);
      for (const change of changes) print(labelled("changed", change));
      const clips = ndarray("float32", [sounds.length, form.length], joined(sounds.map(({ clip }) => clip)));
      const { data, shape: [, classes] } = await predict(model, clips, { device, probabilities: true });
      device.close();
      const names = Array.from({ length: classes }, (_, i) => visible(classNames[i] ?? `class ${i}`));
      sounds.forEach(({ path }, i) => {
        print("", bold(visible(path)));
        print(...classRows(names, data.subarray(i * classes, (i + 1) * classes)));
      });
    }
    for (const line of refused.slice(0, -1)) printError(line);
    if (refused.length > 0) throw new UsageError(refused.at(-1)!);
  },
};

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
