/** `train text --data FILE`: a text of one's own, learned token by token. */
import type { Precision } from "../../models/precision.ts";
import { adamW } from "../../training/optimizers/optimizers.ts";
import { cosineDecay, warmUp } from "../../training/optimizers/schedules.ts";
import { precisionOption, seedOption } from "../options/training_options.ts";
import type { Recipe } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { loadText, textDataOptions, textNeeds, textReadingOptions, windowsOf } from "./text_data.ts";
import { textScore } from "./text_figures.ts";
import { textMaker } from "./text_maker.ts";
import { networkChoice, networkOptions, settledFor, textNetwork } from "./text_network.ts";
import { textTask } from "./text_task.ts";
import { vocabularyOf } from "./written_text.ts";

/** Steps in which the learning rate rises, if there are enough. */
const WARM_UP = 100;

/** How much of the average of the weights stays at each step: they are judged and kept without the jitter of single steps. */
const AVERAGE = 0.98;

/** A network for any text. */
export const textRecipe: Recipe = {
  name: "text",
  summary:
    "Train a network on a text of your own, so that it writes more of it: a file, or a folder of them.",
  examples: "windows",
  dataOptions: textDataOptions,
  options: [
    ...textReadingOptions,
    ...networkOptions,
    precisionOption,
    seedOption,
  ],
  needs: textNeeds,
  maker: textMaker,
  begin: async (values, host) => {
    const data = await loadText(values, host);
    const seed = values.number("seed")!;
    const choice = networkChoice(values);
    const { length, batchSize, epochs } = settledFor(values, choice, {
      train: data.train.length,
      validation: data.validation.length,
    });
    const windows = windowsOf(data, length);
    const steps = epochs * Math.ceil(windows.train.length / batchSize);
    const rate = warmUp(cosineDecay(choice.rate), Math.min(WARM_UP, Math.ceil(steps / 10)));
    return textTask({
      data,
      windows,
      settled: { epochs, length, "batch-size": batchSize },
      model: textNetwork(choice, { tokens: data.vocabulary.size, length, seed }),
      host,
      fit: {
        epochs,
        batchSize,
        optimizer: adamW(rate, { weightDecay: choice.decay, beta2: choice.beta2 }),
        clipNorm: 1,
        average: AVERAGE,
        // What was read before is known; attention looks back by itself.
        carry: choice.name !== "transformer",
        seed,
        precision: values.text("precision") as Precision,
      },
    });
  },
  judge: async (model, values, host) => {
    const data = await loadText(values, host, vocabularyOf("judge a text", model));
    if (data.validation.length < 2) {
      throw new UsageError(
        `Cannot judge a model by ${data.name}: its last tenth has ${data.validation.length} tokens`,
      );
    }
    return (where) => textScore(model, data, where);
  },
};
