/** Training by a step of one's own. */
import { readOptions } from "../../engine/options.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import { type TrainStep, trainStepKind } from "../step/train_step.ts";
import type { History } from "./history.ts";
import { isTrainingData, runOptions, type TrainOptions } from "./run_options.ts";
import { runStep } from "./run_step.ts";

/**
 * Runs a step over all examples, epoch after epoch; the sets of parameters that it minimizes losses for are changed. The data goes to
 * the device once; batches and shuffling are made there, and the step is one planned program, or one for each combination of sets
 * that change together. The same seed, device and data give the same parameters, bit for bit.
 *
 * @param step What {@linkcode trainStep} gives.
 * @param data What its batches are taken from.
 * @param options `batchSize` is 32 and `epochs` 1 when left out.
 * @returns A record for each epoch, with the step's metrics.
 * @throws {TypeError | RangeError} when step, data and options do not fit together; before anything is computed.
 * @throws {NotFiniteError} when a loss or a parameter becomes infinite or NaN; it names what was first.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { cnn, ops, parameters, sgd, shapes, train, training, trainStep } from "@gesso/gesso";
 *
 * const data = shapes({ train: 128, test: 32 });
 * const net = parameters(cnn(), { optimizer: sgd(0.01, { momentum: 0.9 }) });
 * const step = trainStep(({ batch }) => {
 *   const logits = net.apply(batch.inputs);
 *   const loss = ops.softmaxCrossEntropy(logits, batch.targets);
 *   return { minimize: [[loss, net]], metrics: { loss } };
 * }, { evaluate: ({ batch }) => ({ accuracy: training.accuracy(net.apply(batch.inputs), batch.targets) }) });
 * const [record] = await train(step, data.train, { validation: data.test, device: "cpu" });
 * assert(record.loss < 3 && record.validationAccuracy <= 1);
 * ```
 */
export async function train(
  step: TrainStep,
  data: TrainingData,
  options: TrainOptions = {},
): Promise<History> {
  if (trainStepKind.read(step) === undefined) {
    throw new TypeError(
      `Cannot train ${typeof step}: it takes a step, such as trainStep gives; fit trains a model`,
    );
  }
  if (!isTrainingData(data)) {
    throw new TypeError(
      `Cannot train a step on ${
        Array.isArray(data) ? "a list" : typeof data
      }: it takes a Dataset, or what generated() gives`,
    );
  }
  const read = readOptions("train", options, runOptions);
  if (read.validation && !step.evaluate) {
    throw new TypeError(
      "Cannot train a step with validation data: it does not say what to measure of it; see the option evaluate of trainStep",
    );
  }
  return await runStep(step, data, read);
}
