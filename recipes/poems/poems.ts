/** `train poems --data tang-poetry/`: quatrains, to write others like them. */
import type { PoemCode } from "../../data/poems/poem_code.ts";
import { pathsRead } from "../data/paths_read.ts";
import { poemCodeOf } from "./poem_code_of.ts";
import { quatrains } from "../../data/poems/poems.ts";
import type { Quatrains } from "../../data/poems/poem_types.ts";
import { lineChart } from "../../formats/drawing/line_chart.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { History } from "../../training/loop/history.ts";
import { train } from "../../training/loop/train.ts";
import { adamW } from "../../training/optimizers/optimizers.ts";
import { cosineDecay, warmUp } from "../../training/optimizers/schedules.ts";
import type { Model } from "../../models/model.ts";
import type { OptionReader } from "../options/option_spec.ts";
import { batchSizeOption, epochsOption, seedOption } from "../options/training_options.ts";
import type { Host, Recipe, Where } from "../recipe.ts";
import { sayLines } from "../say_lines.ts";
import { UsageError } from "../usage_error.ts";
import { poemMaker } from "./poem_maker.ts";
import { poemNetwork, poemStep } from "./poem_network.ts";
import { judgePoems } from "./poem_report.ts";
import { poemRows, writePoems } from "./write_poems.ts";

/** The most steps until the learning rate is reached, and the part of all steps that these may be. */
const WARM_UP = 100;

/** A network that writes quatrains. */
export const poemsRecipe: Recipe = {
  name: "poems",
  summary:
    "Train a network on Chinese quatrains, four lines of five or seven characters, so that it writes others.",
  examples: "poems",
  dataOptions: [{
    name: "data",
    value: "PATH",
    help:
      "a file or folder of poems: a line each, with author, title and text and tabs between, or JSON lists of records with " +
      "author, title and paragraphs (add --allow-read=PATH if it is elsewhere)",
    isRequired: true,
  }],
  options: [
    epochsOption(10),
    batchSizeOption("poems", 64),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it falls until the end",
      number: { above: 0, most: 1000 },
      default: 0.004,
    },
    seedOption,
  ],
  needs: pathsRead("data"),
  begin: async (values, host) => {
    const data = await load(values, host);
    const [epochs, seed] = [values.number("epochs")!, values.number("seed")!];
    const batchSize = Math.min(values.number("batch-size")!, data.train.length);
    const model = poemNetwork(data.code, data.train.targets, seed);
    const optimizer = adamW(warmUp(cosineDecay(values.number("learning-rate")!), WARM_UP), {
      weightDecay: 0.01,
    });
    const step = poemStep(model, data, optimizer);
    return {
      name: "poems",
      settled: {},
      model,
      method: optimizer.description,
      batchSize,
      seed,
      train: ({ callbacks, ...where }) =>
        train(step, data.train, {
          ...where,
          epochs,
          batchSize,
          seed,
          validation: data.validation,
          callbacks: [...callbacks, preview(model, data.code, host, where)],
        }),
      report: async ({ device, signal, history }) => {
        const { score, text } = await judgePoems(model, data, { device, signal });
        model.info = { ...model.info, seed, dataset: values.text("data"), metrics: score.metrics };
        return { ...score, files: { "poems.txt": text }, curve: curveOf(history, score.metrics) };
      },
    };
  },
  judge: async (model, values, host) => {
    const code = poemCodeOf(model);
    if (values.text("data") === undefined || !code) {
      throw new UsageError("Cannot judge a model of poems without poems: name them with --data PATH");
    }
    const data = await load(values, host, code);
    return async (where) => (await judgePoems(model, data, where)).score;
  },
  maker: poemMaker,
};

async function load(values: OptionReader, host: Host, code?: PoemCode): Promise<Quatrains> {
  const data = await quatrains(values.text("data")!, { code });
  sayLines(host, "data", data.report);
  return data;
}

/** Shows a poem after each epoch. */
function preview(model: Model, code: PoemCode, host: Host, where: Where): Callback {
  return {
    onEpoch: async ({ epoch }) => {
      const author = code.authors.at((epoch - 1) % Math.max(1, code.authors.length));
      const [poem] = await writePoems(model, [{ author }], { temperature: 0.8, seed: epoch }, where);
      host.say("poem", `${author === undefined ? "" : `as ${author}: `}${poemRows(poem).join("")}`);
    },
  };
}

const curveOf = (history: History, { unigramNats, bigramNats }: Readonly<Record<string, number>>): string =>
  lineChart({
    title: "poems, nats a character",
    x: history.map((r) => r.epoch),
    series: [
      { name: "training loss", values: history.map((r) => r.loss) },
      { name: "validation loss", values: history.map((r) => r.validationLoss!) },
      { name: "how often characters are", values: history.map(() => unigramNats) },
      { name: "pairs of characters", values: history.map(() => bigramNats) },
    ],
  });
