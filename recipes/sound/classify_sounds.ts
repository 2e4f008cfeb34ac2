/** What a model of `train audio` hears in files. */
import { ndarray } from "../../engine/array.ts";
import { clipsIn } from "../../data/audio/clips.ts";
import { SoundChanges } from "../../data/audio/sound_changes.ts";
import type { SoundForm } from "../../data/audio/sound_form.ts";
import { FormatError } from "../../formats/format_error.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Classifier } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** Hears WAV, FLAC and MP3 files of any rate and length. */
export const soundClassifier: Classifier = {
  takes: "sounds",
  classify: async (model, things, { where, host }) => {
    const { sound } = model.info;
    if (!sound || model.inputShape.length !== 1) {
      throw new UsageError(
        `Cannot classify sounds: the model takes [${
          model.inputShape.join(", ")
        }], no sounds; train audio makes one that does`,
      );
    }
    const form: SoundForm = { rate: sound.rate, length: model.inputShape[0], long: "start" };
    const changes = new SoundChanges(form);
    const heard: (Float32Array | string)[] = [];
    for (const { name, bytes } of things) heard.push(await clipOf(bytes, name, form, changes));
    for (const line of changes.lines()) host.say("changed", line);
    const clips = heard.filter((clip) => typeof clip !== "string");
    if (clips.length === 0) return heard as string[];
    const samples = new Float32Array(clips.length * form.length);
    clips.forEach((clip, i) => samples.set(clip, i * form.length));
    const { data, shape: [, classes] } = await predict(
      model,
      ndarray("float32", [clips.length, form.length], samples),
      { ...where, probabilities: true },
    );
    let row = 0;
    return heard.map((clip) =>
      typeof clip === "string" ? clip : data.subarray(row * classes, ++row * classes)
    );
  },
};

/** The beginning of a sound as the model takes it, or why it cannot be heard. */
async function clipOf(
  bytes: Uint8Array,
  file: string,
  form: SoundForm,
  changes: SoundChanges,
): Promise<Float32Array | string> {
  try {
    const clips = await clipsIn(bytes, file, form, changes);
    const reason = typeof clips === "string"
      ? clips
      : clips[0].every((sample) => sample === 0) && "it is silent";
    return reason ? `Cannot hear ${file}: ${reason}` : clips[0] as Float32Array;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}
