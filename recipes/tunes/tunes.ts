/** `train tunes --data nottingham-abc/`: folk tunes in ABC notation, to write others like them. */
import { pathsRead } from "../data/paths_read.ts";
import { keepDetails } from "../kept_details.ts";
import { tuneCodeOf } from "./tune_code_of.ts";
import { charRnn } from "../../models/char_rnn.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import { fit } from "../../training/fit/fit.ts";
import { adamW } from "../../training/optimizers/optimizers.ts";
import { cosineDecay } from "../../training/optimizers/schedules.ts";
import type { Model } from "../../models/model.ts";
import { lossCurve } from "../loss_curve.ts";
import { batchSizeOption, epochsOption, seedOption } from "../options/training_options.ts";
import type { Host, Recipe } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { LENGTH, loadTunes, windowsOf } from "./tune_data.ts";
import { abcOf, heard, tuneMaker } from "./tune_maker.ts";
import { judgeTunes } from "./tune_report.ts";
import { USUAL_TEMPERATURE, writeTunes } from "./write_tunes.ts";

/** Words of a preview. */
const PREVIEW = 24;

/** A network that writes tunes. */
export const tunesRecipe: Recipe = {
  name: "tunes",
  summary: "Train a network on folk tunes in ABC notation, so that it writes others.",
  examples: "windows",
  dataOptions: [{
    name: "data",
    value: "PATH",
    help: "an ABC file, or a folder of them (add --allow-read=PATH if it is elsewhere)",
    isRequired: true,
  }],
  options: [
    {
      name: "units",
      value: "N",
      help: "the size of the state",
      number: { whole: true, least: 1, most: 4096 },
      default: 256,
    },
    epochsOption(12),
    batchSizeOption("windows", 16),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it falls to 0 along a cosine",
      number: { above: 0, most: 1000 },
      default: 0.004,
    },
    seedOption,
  ],
  needs: pathsRead("data"),
  begin: async (values, host) => {
    const path = values.text("data")!;
    const data = await loadTunes(path, host);
    const { code } = data;
    const [seed, units] = [values.number("seed")!, values.number("units")!];
    const [train, validation] = [windowsOf(path, data.train), windowsOf(path, data.validation)];
    const batchSize = Math.min(values.number("batch-size")!, train.length, validation.length);
    const model = charRnn({ tokens: code.size, length: LENGTH, units, embedding: 64, dropout: 0.3, seed });
    keepDetails(model, "tunes", code.toJSON());
    const optimizer = adamW(cosineDecay(values.number("learning-rate")!), { weightDecay: 0.02 });
    return {
      name: "tunes",
      settled: { "batch-size": batchSize },
      model,
      method: optimizer.description,
      batchSize,
      seed,
      train: ({ callbacks, ...where }) =>
        fit(model, train, {
          ...where,
          epochs: values.number("epochs")!,
          batchSize,
          optimizer,
          clipNorm: 1,
          average: 0.98,
          carry: true,
          validation,
          seed,
          // The last weights, and not those of the least validation loss: they keep bars better, which is what is listened to.
          callbacks: [...callbacks, preview(model, host)],
        }),
      report: async ({ device, signal, history }) => {
        const { score, tunes } = await judgeTunes(model, data, { device, signal });
        model.info = { ...model.info, metrics: score.metrics };
        const first = tunes.find(({ check }) => check.hasFullBars) ?? tunes[0];
        const files = Object.entries(await heard(first, "a tune")).map((
          [ending, bytes],
        ) => [`tune${ending}`, bytes]);
        const abc = new TextEncoder().encode(abcOf(tunes));
        return {
          ...score,
          files: { "tunes.abc": abc, ...Object.fromEntries(files) },
          curve: lossCurve("tunes, nats a word", history),
        };
      },
    };
  },
  judge: async (model, values, host) => {
    const path = values.text("data");
    const code = tuneCodeOf(model);
    if (path === undefined || !code) {
      throw new UsageError("Cannot judge a model of tunes without tunes: name them with --data PATH");
    }
    const data = await loadTunes(path, host, code);
    return async (where) => (await judgeTunes(model, data, where)).score;
  },
  maker: tuneMaker,
};

/** Shows how a tune begins after each epoch. */
function preview(model: Model, host: Host): Callback {
  return {
    onEpoch: async ({ epoch }, { device }) => {
      const [{ words }] = await writeTunes(model, { count: 1, temperature: USUAL_TEMPERATURE, seed: epoch }, {
        device,
      });
      host.say("tune", words.split(" ").slice(0, PREVIEW).join(" "));
    },
  };
}
