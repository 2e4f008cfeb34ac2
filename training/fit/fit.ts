/** Training a model on a data set: what is asked for. It is a step as people write it, run as `train` does. */
import type { Model } from "../../models/model.ts";
import { describeModel } from "../../models/model_description.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import { checkCarry, checkFit, checkKinds } from "./check_fit.ts";
import { defaultLoss, type LossName } from "../losses/losses.ts";
import type { History } from "../loop/history.ts";
import type { TrainOptions } from "../loop/run_options.ts";
import { runStep } from "../loop/run_step.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { adam } from "../optimizers/optimizers.ts";
import { parameters } from "../step/parameters.ts";
import type { Augmentation } from "./augment.ts";
import { readFitOptions } from "./fit_options.ts";
import { type FitFunction, fitStep, targetOf } from "./fit_step.ts";
import { markTrained } from "./preprocessing.ts";

export { NotFiniteError } from "../not_finite/not_finite_error.ts";

/** Options of {@linkcode fit}. */
export interface FitOptions extends TrainOptions {
  /** `adam()` when left out. */
  readonly optimizer?: Optimizer;
  /**
   * What is minimized: a name, or a function of the model's results and the targets. `"softmaxCrossEntropy"` for class indices and
   * `"meanSquaredError"` for numbers when left out.
   */
  readonly loss?: LossName | FitFunction;
  /** What to measure, too, by name: functions such as {@linkcode topKAccuracy} gives. */
  readonly metrics?: Readonly<Record<string, FitFunction>>;
  /** What part of the probability is spread over all classes; 0 when left out. */
  readonly labelSmoothing?: number;
  /** The largest norm that all gradients together may have. */
  readonly clipNorm?: number;
  /** Random changes to images. */
  readonly augmentation?: Augmentation;
  /**
   * Keeps a moving average of the weights, of which so much stays at each step, 0.999 say. It is what validation data is judged by,
   * and what the model has in the end; see {@linkcode ParametersOptions.average}.
   */
  readonly average?: number;
  /** Batches whose gradients are averaged for one change of the weights; 1 when left out. */
  readonly accumulate?: number;
  /** Which weights, by their full names (`conv2d_1/kernel`), are never changed. */
  readonly frozen?: (weight: string) => boolean;
  /** What the learning rate is multiplied by for a weight; 1 when left out. */
  readonly rate?: (weight: string) => number;
}

/**
 * Trains a model: the weights of `model` are replaced.
 *
 * The data goes to the device once; batches, shuffling and augmentation are made there, and each step is one planned
 * program. The same seed, device and data give the same weights, bit for bit.
 *
 * @throws {TypeError | RangeError} when data, model and options do not fit together; before anything is computed.
 * @throws {NotFiniteError} when the loss or a weight becomes infinite or NaN.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { cnn, fit, shapes } from "@gesso/gesso";
 *
 * const { train, test } = shapes({ train: 256, test: 64 });
 * const history = await fit(cnn(), train, { validation: test, epochs: 1, device: "cpu" });
 * assert(history[0].loss < 2.5);
 * ```
 */
export async function fit(model: Model, data: TrainingData, options: FitOptions = {}): Promise<History> {
  checkKinds("train", model, data);
  const read = readFitOptions(options);
  const { epochs, labelSmoothing, augmentation, metrics, validation, carry, seed } = read;
  const { optimizer = adam(), clipNorm, average, accumulate, frozen, rate } = read;
  const { loss = defaultLoss(data.types[targetOf(data)]) } = read;
  const batchSize = Math.min(read.batchSize, data.length);
  checkFit(model, data, { validation, epochs, batchSize, loss, labelSmoothing });
  if (carry) {
    for (const each of [data, ...validation ? [validation] : []]) {
      checkCarry("train", model, each, Math.min(batchSize, each.length), each === data);
    }
  }
  const set = parameters(model, { optimizer, clipNorm, average, accumulate, frozen, rate });
  const step = fitStep(set, data, { loss, metrics, labelSmoothing, augmentation });
  const named = (f: LossName | FitFunction) => typeof f === "string" ? f : "a function";
  return await runStep(step, data, read, {
    definition: {
      model: { ...describeModel(model), info: undefined },
      optimizer: optimizer.description,
      loss: named(loss),
      metrics: Object.keys(metrics),
      labelSmoothing,
      clipNorm,
      augmentation,
      average,
      accumulate,
    },
    onWeights: () => markTrained(model, data, seed),
  });
}
