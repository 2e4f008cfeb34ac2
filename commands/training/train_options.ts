/** Options of `train`. */
import type { Precision } from "../../models/precision.ts";
import { dataOptions } from "../options/choose_data.ts";
import { deviceOptions } from "../options/model_options.ts";
import type { OptionSpec, OptionValues } from "../options/options.ts";
import { RUNS } from "../run_folders/run_folder.ts";
import { optimizerFrom, optimizerOptions } from "./train_optimizer.ts";

/** The options that a run is begun with, and goes on with. */
export const runOptions: readonly OptionSpec[] = [
  ...dataOptions,
  ...deviceOptions,
  {
    name: "epochs",
    value: "N",
    help: "times through the data",
    number: { whole: true, least: 1, most: 1e6 },
    default: 10,
  },
  {
    name: "batch-size",
    value: "N",
    help: "images a step",
    number: { whole: true, least: 1, most: 65536 },
    default: 32,
  },
  ...optimizerOptions,
  {
    name: "label-smoothing",
    value: "S",
    help: "spread over all classes",
    number: { least: 0, most: 0.99 },
    default: 0,
  },
  {
    name: "precision",
    value: "NAME",
    help: "mixed keeps values between layers in half precision",
    choices: ["float32", "mixed"],
    default: "float32",
  },
  { name: "flip", help: "mirror half of the images at random" },
  {
    name: "shift",
    value: "N",
    help: "move images by up to N pixels",
    number: { whole: true, least: 0, most: 15 },
    default: 0,
  },
  {
    name: "seed",
    value: "N",
    help: "chooses weights and order",
    number: { whole: true, least: 0, most: 2 ** 32 - 1 },
    default: 0,
  },
];

/** All options of the command. */
export const trainOptions: readonly OptionSpec[] = [
  ...runOptions,
  { name: "out", value: "DIR", help: `where the results go; a new folder in ${RUNS}/ when left out` },
  {
    name: "resume",
    value: "[DIR]",
    help: "go on with a run; the newest when left out",
    valueIsOptional: true,
  },
  { name: "config", value: "FILE", help: "a JSON object with these options; flags come first" },
  { name: "explain", help: "print the kernels of a training step" },
];

/** What `fit` takes of them. */
export function fitOptions(values: OptionValues) {
  return {
    epochs: values.number("epochs")!,
    batchSize: values.number("batch-size")!,
    optimizer: optimizerFrom(values),
    clipNorm: values.number("clip-norm"),
    labelSmoothing: values.number("label-smoothing")!,
    augmentation: { flip: values.has("flip"), shift: values.number("shift")! },
    seed: values.number("seed")!,
    precision: values.text("precision") as Precision,
  };
}
