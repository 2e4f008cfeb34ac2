/** `train text-classes --data letters/`: texts of one's own, or tunes in ABC notation, told apart. */
import { textClasses } from "../../data/text/text_classes.ts";
import { readableText } from "../../data/text/text_files.ts";
import type { TextClasses } from "../../data/text/text_class_types.ts";
import { Vocabulary } from "../../data/text/vocabulary.ts";
import type { Model } from "../../models/model.ts";
import { sequenceClassifier } from "../../models/sequence_classifier.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { fit } from "../../training/fit/fit.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { classTable } from "../classification/class_table.ts";
import { confusionTable } from "../classification/confusion_table.ts";
import { pathsRead } from "../data/paths_read.ts";
import { lossCurve } from "../loss_curve.ts";
import { nameOfFile } from "../data/name_of_path.ts";
import { count, percent } from "../number_text.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import { batchSizeOption, epochsOption, precisionOption, seedOption } from "../options/training_options.ts";
import type { Precision } from "../../models/precision.ts";
import type { Host, Recipe, Score, Where } from "../recipe.ts";
import { sayLines } from "../say_lines.ts";
import { UsageError } from "../usage_error.ts";
import { mistakesText } from "./mistakes_text.ts";
import { textProbabilities } from "./text_probabilities.ts";
import { RunCounts } from "./run_counts.ts";

const dataOption: OptionSpec = {
  name: "data",
  value: "PATH",
  help:
    "a folder with a folder of texts for each class, a table (.csv, .tsv) with the columns label and text, or tunes " +
    "in ABC notation (add --allow-read=PATH if it is elsewhere)",
  isRequired: true,
};

/** A classifier for any texts. */
export const textClassesRecipe: Recipe = {
  name: "text-classes",
  summary:
    "Train a network that tells texts of your own apart, or tunes in ABC notation by the kind of dance.",
  examples: "texts",
  dataOptions: [dataOption],
  options: [
    {
      name: "length",
      value: "N",
      help: "characters of a text that are read; what is longer is cut there",
      number: { whole: true, least: 1, most: 4096 },
      default: 256,
    },
    epochsOption(30),
    batchSizeOption("texts", 16),
    {
      name: "learning-rate",
      value: "R",
      help: "how far a step goes",
      number: { above: 0, most: 1000 },
      default: 0.003,
    },
    precisionOption,
    seedOption,
  ],
  needs: pathsRead("data"),
  begin: async (values, host) => {
    const length = values.number("length")!;
    const data = await load(values, length, host);
    const [seed, batchSize] = [values.number("seed")!, values.number("batch-size")!];
    const optimizer = adam(values.number("learning-rate")!);
    const classes = data.classNames.length;
    const model = sequenceClassifier({
      tokens: data.vocabulary.size,
      length,
      classes,
      units: 48,
      embedding: 24,
      seed,
    });
    model.info = { ...model.info, vocabulary: data.vocabulary.toJSON() };
    return {
      name: `text-classes-${nameOfFile(values.text("data")!, "texts")}`,
      settled: {},
      model,
      method: optimizer.description,
      batchSize,
      seed,
      train: (where) =>
        fit(model, data.train, {
          epochs: values.number("epochs")!,
          batchSize,
          optimizer,
          clipNorm: 1,
          average: 0.98,
          validation: data.test,
          seed,
          precision: values.text("precision") as Precision,
          ...where,
        }),
      report: async ({ device, signal, history }) => {
        const { score, said } = await judge(model, data, { device, signal });
        model.info = { ...model.info, metrics: score.metrics };
        return {
          ...score,
          files: {
            "mistakes.txt": mistakesText(data.texts.test, said, data.classNames),
            "confusion.txt": new TextEncoder().encode(confusionTable(data.test, said)),
          },
          curve: lossCurve("texts told apart, epoch by epoch", history),
        };
      },
    };
  },
  classifier: {
    takes: "texts",
    classify: async (model, things, { where }) => {
      const read = things.map(({ bytes }) => readableText(bytes));
      const texts = read.flatMap((text) => typeof text === "string" ? [] : text.text.trim());
      if (texts.length === 0) return things.map(({ name }, i) => `Cannot classify ${name}: ${read[i]}`);
      const { data, shape: [, classes] } = await textProbabilities(model, texts, where);
      let row = 0;
      return things.map(({ name }, i) =>
        typeof read[i] === "string"
          ? `Cannot classify ${name}: ${read[i]}`
          : data.subarray(row * classes, ++row * classes)
      );
    },
  },
  judge: async (model, values, host) => {
    if (values.text("data") === undefined) {
      throw new UsageError("Cannot judge a model without texts: name them with --data PATH");
    }
    const data = await load(
      values,
      model.inputs.tokens.shape[0],
      host,
      new Vocabulary(model.info.vocabulary!),
    );
    return async (where) => (await judge(model, data, where)).score;
  },
};

async function load(
  values: OptionReader,
  length: number,
  host: Host,
  vocabulary?: Vocabulary,
): Promise<TextClasses> {
  const path = values.text("data")!;
  const data = await textClasses(path, { length, vocabulary });
  sayLines(host, "data", data.report);
  return data;
}

/** How a model does, beside what counting runs of characters comes to. */
async function judge(model: Model, { test, texts, classNames }: TextClasses, where: Where) {
  const { loss, accuracy } = await evaluate(model, test, where);
  const said = await textProbabilities(model, texts.test.map(({ text }) => text), where);
  const [length] = model.inputs.tokens.shape;
  const counts = new RunCounts(texts.train, classNames.length, length);
  const right = texts.test.filter(({ text, label }) => counts.classOf(text) === label).length;
  const counted = right / texts.test.length;
  const score: Score = {
    table: classTable(test, said),
    headline: `test accuracy ${percent(accuracy!)}`,
    detail:
      `${count(texts.test.length)} texts, loss ${
        loss.toFixed(4)
      }; counts of characters in a row, up to five, get ` +
      percent(counted),
    metrics: { testAccuracy: accuracy!, testLoss: loss, countsAccuracy: counted },
  };
  return { score, said };
}
