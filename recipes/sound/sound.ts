/** `train sound --data drums/`: a network that makes sounds of the kinds that it has heard. */
import { ndarray } from "../../engine/array.ts";
import { Dataset } from "../../data/dataset.ts";
import { classes, numbers } from "../../data/field.ts";
import { soundRnn } from "../../models/sound_rnn.ts";
import type { Model } from "../../models/model.ts";
import { train } from "../../training/loop/train.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { oneCycle } from "../../training/optimizers/schedules.ts";
import { parameters } from "../../training/step/parameters.ts";
import { lossCurve } from "../loss_curve.ts";
import { batchSizeOption, epochsOption, seedOption } from "../options/training_options.ts";
import type { Recipe, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { judgeMade } from "./judge_made.ts";
import { BANDS, framesOfClips, samplesOf } from "./sound_frames.ts";
import { clipOptions, type LoadedSounds, loadSounds, soundOptions, soundsNeeds } from "./sound_folders.ts";
import { soundMaker } from "./sound_maker.ts";
import { PLACES } from "./sound_places.ts";
import { soundPreviews } from "./sound_previews.ts";
import { soundStep } from "./sound_step.ts";

/** How much of each update the average of the weights keeps. */
const AVERAGE = 0.98;

/** What makes sounds of any folder's kinds. */
export const soundRecipe: Recipe = {
  name: "sound",
  summary: "Train a recurrent network that makes sounds of the kinds in a folder, such as drum hits.",
  examples: "sounds",
  dataOptions: soundOptions,
  options: [
    ...clipOptions,
    epochsOption(200),
    batchSizeOption("sounds", 8),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it rises at first, then falls",
      number: { above: 0, most: 1000 },
      default: 0.003,
    },
    {
      name: "units",
      value: "N",
      help: "units of the recurrent layer",
      number: { whole: true, least: 1, most: 4096 },
      default: 160,
    },
    seedOption,
  ],
  needs: soundsNeeds,
  begin: async (values, host) => {
    const asked = { seconds: values.number("seconds"), rate: values.number("rate") };
    const sounds = await loadSounds(values, asked, host);
    const { clips, classNames, rate, seconds, name } = sounds;
    const seed = values.number("seed")!;
    const frames = 1 + Math.floor(clips.shape[1] / samplesOf(2, rate));
    const model = soundRnn({
      frames,
      bands: BANDS,
      sounds: sounds.sounds.length,
      places: PLACES,
      units: values.number("units")!,
      seed,
    });
    const heard = sounds.sounds.map(({ label }) => label);
    model.info = { sound: { rate, classes: classNames, heard }, dataset: name, seed };
    const optimizer = adam(oneCycle(values.number("learning-rate")!, { rise: 0.2 }));
    const [epochs, batchSize] = [values.number("epochs")!, values.number("batch-size")!];
    return {
      name: `sound-${name}`,
      settled: { seconds, rate },
      model,
      method: `${optimizer.description}, weights averaged`,
      batchSize,
      seed,
      train: async ({ callbacks, ...where }) => {
        const data = await framesDataset(sounds, where);
        const set = parameters(model, { optimizer, average: AVERAGE, clipNorm: 1 });
        const previews = soundPreviews(model, { epochs, host });
        return await train(soundStep(set), data, {
          ...where,
          epochs,
          batchSize,
          seed,
          callbacks: [...callbacks, previews],
        });
      },
      report: async ({ history, ...where }) => {
        const { files, ...score } = await judgeMade(model, sounds, { seed, where, host });
        model.info = { ...model.info, metrics: score.metrics };
        return { ...score, files, curve: lossCurve(`${model.name} on ${name}, epoch by epoch`, history) };
      },
    };
  },
  judge: async (model, values, host) => {
    const { rate } = model.info.sound!;
    const seconds = samplesOf(model.inputs.like.shape[0], rate) / rate;
    const sounds = await loadSounds(values, { rate, seconds }, host);
    checkKinds(model, sounds);
    return async (where) => {
      const { files: _, ...score } = await judgeMade(model, sounds, {
        seed: model.info.seed ?? 0,
        where,
        host,
      });
      return score;
    };
  },
  maker: soundMaker,
};

/** All sounds as frames of bands, numbered. */
async function framesDataset({ clips, sounds, rate, name }: LoadedSounds, where: Where): Promise<Dataset> {
  const frames = await framesOfClips(clips, rate, where);
  const own = ndarray("int32", [sounds.length], [...sounds.keys()]);
  return new Dataset({ fields: { frames: numbers(frames), sound: classes(own) }, name });
}

function checkKinds({ info }: Model, { classNames, name }: LoadedSounds): void {
  const kinds = info.sound?.classes ?? [];
  if (kinds.length === classNames.length && kinds.every((kind, i) => kind === classNames[i])) return;
  throw new UsageError(
    `Cannot judge the model by ${name}: it makes ${kinds.join(", ")}, and the sounds are of ${
      classNames.join(", ")
    }`,
  );
}
