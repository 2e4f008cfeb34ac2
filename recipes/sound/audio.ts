/** `train audio --data drums/`: sounds of one's own, told apart. */
import type { Dataset } from "../../data/dataset.ts";
import type { NdArray } from "../../engine/array.ts";
import { audioClassifier } from "../../models/audio_classifier.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import { fit } from "../../training/fit/fit.ts";
import type { Model } from "../../models/model.ts";
import type { Precision } from "../../models/precision.ts";
import { classTable } from "../classification/class_table.ts";
import { confusionTable } from "../classification/confusion_table.ts";
import { lossCurve } from "../loss_curve.ts";
import { percent } from "../number_text.ts";
import { batchSizeOption, epochsOption, precisionOption, seedOption } from "../options/training_options.ts";
import type { Recipe, Score, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { soundClassifier } from "./classify_sounds.ts";
import { crossValidate, type Listening } from "./cross_validate.ts";
import { hearingSheet } from "./hearing_sheet.ts";
import { bandsDataset, halvesOf, heardBands } from "./listener.ts";
import { listeningPlan } from "./listening_plan.ts";
import { clipOptions, type LoadedSounds, loadSounds, soundOptions, soundsNeeds } from "./sound_folders.ts";
import { partsByRecording } from "./sound_parts.ts";

const { default: _, ...epochs } = epochsOption(0);

/** A classifier for any folder of sounds. */
export const audioRecipe: Recipe = {
  name: "audio",
  summary: "Train a network that tells sounds of your own apart: WAV, FLAC or MP3, a folder for each class.",
  examples: "sounds",
  dataOptions: soundOptions,
  options: [
    ...clipOptions,
    { ...epochs, help: "times through the data; when left out as many as so many sounds need" },
    batchSizeOption("sounds", 16),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it rises at first, then falls",
      number: { above: 0, most: 1000 },
      default: 0.003,
    },
    {
      name: "folds",
      value: "K",
      help: "train K more times, each time on another part, and judge by what is left: cross-validation",
      number: { whole: true, least: 2, most: 100 },
    },
    precisionOption,
    seedOption,
  ],
  needs: soundsNeeds,
  begin: async (values, host) => {
    const asked = { seconds: values.number("seconds"), rate: values.number("rate") };
    const sounds = await loadSounds(values, asked, host);
    const { clips, classNames, rate, seconds, name } = sounds;
    const parts = partsByRecording(sounds.sounds);
    if (!parts) {
      throw new UsageError(
        `Cannot train on ${name}: to train and to test, two different sounds of a class are needed`,
      );
    }
    const seed = values.number("seed")!;
    const plan = listeningPlan(parts.train.length, {
      epochs: values.number("epochs"),
      batchSize: values.number("batch-size")!,
      learningRate: values.number("learning-rate")!,
      precision: values.text("precision") as Precision,
    });
    const makeModel = (seed: number) =>
      audioClassifier({
        length: clips.shape[1],
        rate,
        classes: classNames.length,
        seed,
      });
    const model = makeModel(seed);
    host.say("parts", `${parts.train.length} sounds to train on, ${parts.test.length} to test by`);
    const halves = halvesOf(model);
    // What is heard is computed once there is a device.
    let heard: Promise<Listening> | undefined;
    const listen = (where: Where) =>
      heard ??= heardBands(halves, clips, where).then((bands) => ({ ...sounds, bands, makeModel, plan }));
    const datasets = async (where: Where) => {
      const { bands } = await listen(where);
      const of = (part: string, which: readonly number[]) =>
        bandsDataset(bands, sounds.sounds, classNames, { name: `${name} ${part}`, which });
      return { train: of("train", parts.train), test: of("test", parts.test) };
    };
    return {
      name: `audio-${name}`,
      settled: { epochs: plan.epochs, seconds, rate },
      model,
      method: plan.method,
      batchSize: plan.batchSize,
      seed,
      train: async (where) => {
        const { train, test } = await datasets(where);
        return await fit(halves.back, train, { ...plan.fit, ...where, seed, validation: test });
      },
      report: async ({ history, ...where }) => {
        const { test } = await datasets(where);
        const { logits, ...score } = await scoreOf(halves.back, test, where);
        const sheet = await hearingSheet(test, logits);
        const more = await crossValidate(await listen(where), {
          folds: values.number("folds"),
          seed,
          where,
          host,
        });
        const metrics = { ...score.metrics, ...more.metrics };
        model.info = { classNames, dataset: name, seed, inputDType: "float32", sound: { rate }, metrics };
        return {
          ...score,
          metrics,
          detail: [score.detail, ...more.figures].join("; "),
          files: {
            "heard.png": sheet,
            "confusion.txt": new TextEncoder().encode(confusionTable(test, logits)),
          },
          curve: lossCurve(`${model.name} on ${name}, epoch by epoch`, history),
        };
      },
    };
  },
  classifier: soundClassifier,
  judge: async (model, values, host) => {
    const { rate } = model.info.sound!;
    const sounds = await loadSounds(values, { rate, seconds: model.inputShape[0] / rate }, host);
    checkClasses(model.info.classNames, sounds);
    const which = partsByRecording(sounds.sounds)?.test ?? sounds.sounds.map((_, i) => i);
    host.say("parts", `${which.length} sounds that are left out of training`);
    return async (where) => {
      const halves = halvesOf(model);
      const bands = await heardBands(halves, sounds.clips, where);
      const test = bandsDataset(bands, sounds.sounds, sounds.classNames, {
        name: `${sounds.name} test`,
        which,
      });
      const { logits: _, ...score } = await scoreOf(halves.back, test, where);
      return score;
    };
  },
};

/** How a classifier's back does on what is heard of some sounds. */
async function scoreOf(
  back: Model,
  test: Dataset,
  where: Where,
): Promise<Score & { logits: NdArray<"float32"> }> {
  const { loss, accuracy } = await evaluate(back, test, where);
  const logits = await predict(back, test.inputs, where);
  return {
    table: classTable(test, logits),
    headline: `test accuracy ${percent(accuracy!)}`,
    detail: `loss ${loss.toFixed(4)}`,
    metrics: { testAccuracy: accuracy!, testLoss: loss },
    logits,
  };
}

function checkClasses(known: readonly string[] = [], { classNames, name }: LoadedSounds): void {
  if (known.length === classNames.length && known.every((own, i) => own === classNames[i])) return;
  throw new UsageError(
    `Cannot judge the model by ${name}: it tells ${known.join(", ")} apart, and the sounds are of ${
      classNames.join(", ")
    }`,
  );
}
