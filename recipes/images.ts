/** `train images --data photos/`: pictures of one's own, told apart by the folders that they lie in. */
import type { Dataset } from "../data/dataset.ts";
import { fastCnn } from "../models/fast_cnn.ts";
import type { Precision } from "../models/precision.ts";
import { sgd } from "../training/optimizers/optimizers.ts";
import { oneCycle } from "../training/optimizers/schedules.ts";
import { classifierTask, judgeClassifier, SHOWN } from "./classification/classifier_task.ts";
import { loadPictures, loadTests, pictureOptions, picturesNeeds } from "./data/picture_folders.ts";
import { batchSizeOption, epochsOption, precisionOption, seedOption } from "./options/training_options.ts";
import type { Recipe } from "./recipe.ts";

/** How many pictures are seen in a training, if that takes no fewer and no more epochs than these. */
const SEEN = 60_000;
const [FEWEST_EPOCHS, MOST_EPOCHS] = [10, 100];

const { default: _, ...epochs } = epochsOption(0);

/** A classifier for any folder of pictures. */
export const imagesRecipe: Recipe = {
  name: "images",
  summary:
    "Train a network that tells pictures of your own apart: PNG, JPEG or WebP, a folder for each class.",
  examples: "images",
  dataOptions: pictureOptions,
  options: [
    {
      name: "size",
      value: "N",
      help: "the height and width that pictures are brought to; what is wider or higher is cut off",
      number: { whole: true, least: 16, most: 512 },
      default: 64,
    },
    {
      ...epochs,
      help: `times through the data; when left out, until some ${SEEN} images were seen, ` +
        `from ${FEWEST_EPOCHS} to ${MOST_EPOCHS}`,
    },
    batchSizeOption("images", 32),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it rises for a quarter of the run, then falls",
      number: { above: 0, most: 1000 },
      default: 0.05,
    },
    { name: "no-flip", help: "mirror no pictures: of letters, say, or where left and right are classes" },
    precisionOption,
    seedOption,
  ],
  needs: picturesNeeds,
  begin: async (values, host) => {
    const size = values.number("size")!;
    const data = await loadPictures(values, size, host);
    const seed = values.number("seed")!;
    const times = Math.round(SEEN / data.train.length);
    const epochs = values.number("epochs") ?? Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, times));
    return classifierTask({
      data,
      settled: { epochs },
      model: fastCnn({
        inputShape: [size, size, 3],
        classes: data.train.classNames!.length,
        stride: Math.max(1, Math.round(size / 32)),
        seed,
      }),
      shown: someOf(data.test),
      fit: {
        epochs,
        batchSize: values.number("batch-size")!,
        optimizer: sgd(oneCycle(values.number("learning-rate")!, { rise: 0.25 }), {
          momentum: 0.9,
          nesterov: true,
          weightDecay: 0.005,
        }),
        labelSmoothing: 0.1,
        augmentation: { flip: !values.has("no-flip"), shift: Math.round(size / 16) },
        seed,
        precision: values.text("precision") as Precision,
      },
    });
  },
  judge: async (model, values, host) =>
    judgeClassifier(model, await loadTests(values, model.inputShape[0], host)),
};

/** Pictures of any of the classes, where there are more than can be shown: they lie class by class. */
const someOf = (test: Dataset): Dataset =>
  test.length <= SHOWN ? test : test.split(SHOWN / test.length).validation;
