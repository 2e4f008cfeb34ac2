/** `train` or `train cifar10`: the worked example. */
import { cnn } from "../models/cnn.ts";
import type { Precision } from "../models/precision.ts";
import { classifierTask, judgeClassifier } from "./classification/classifier_task.ts";
import {
  chooseCifar10OrShapes,
  cifar10Needs,
  cifar10Options,
  testsOfCifar10OrShapes,
} from "./data/cifar10_or_shapes.ts";
import { optimizerFrom, optimizerOptions } from "./options/optimizer_options.ts";
import {
  batchSizeOption,
  epochsOption,
  labelSmoothingOption,
  precisionOption,
  seedOption,
} from "./options/training_options.ts";
import type { Recipe } from "./recipe.ts";

/** A small network on CIFAR-10, with all that can be chosen about its training. */
export const cifar10Recipe: Recipe = {
  name: "cifar10",
  summary: "Train the worked-example network on CIFAR-10, and see how it does.",
  examples: "images",
  dataOptions: cifar10Options,
  options: [
    epochsOption(10),
    batchSizeOption("images", 32),
    ...optimizerOptions,
    labelSmoothingOption,
    precisionOption,
    { name: "flip", help: "mirror half of the images at random" },
    {
      name: "shift",
      value: "N",
      help: "move images by up to N pixels",
      number: { whole: true, least: 0, most: 15 },
      default: 0,
    },
    seedOption,
  ],
  needs: (values) => cifar10Needs(values),
  begin: async (values, host) => {
    const data = await chooseCifar10OrShapes(values.text("dataset")!, values, host);
    const seed = values.number("seed")!;
    return classifierTask({
      data,
      settled: { dataset: data.name },
      model: cnn({ seed }),
      fit: {
        epochs: values.number("epochs")!,
        batchSize: values.number("batch-size")!,
        optimizer: optimizerFrom(values),
        clipNorm: values.number("clip-norm"),
        labelSmoothing: values.number("label-smoothing")!,
        augmentation: { flip: values.has("flip"), shift: values.number("shift")! },
        seed,
        precision: values.text("precision") as Precision,
      },
    });
  },
  judge: async (model, values, host) =>
    judgeClassifier(model, await testsOfCifar10OrShapes(model, values, host)),
};
