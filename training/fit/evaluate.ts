/** Measuring how a model does. */
import type { Device } from "../../engine/device.ts";
import { ndarray } from "../../engine/array.ts";
import { flag, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { State } from "../../engine/state.ts";
import { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import { checkCarryOrder } from "../loop/check_carry.ts";
import { Evaluation, type Score } from "../loop/evaluation.ts";
import { defaultLoss, type LossName } from "../losses/losses.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import { parameters } from "../step/parameters.ts";
import { ParametersOnDevice } from "../step/parameters_on_device.ts";
import { type EvaluateFunction, type TrainStep, trainStepKind } from "../step/train_step.ts";
import { isTrainingData } from "../loop/run_options.ts";
import { withDevice } from "../loop/with_device.ts";
import type { GivenInput } from "./ask_model.ts";
import { checkCarry, checkClassNames, checkData, checkKinds } from "./check_fit.ts";
import { type AskOptions, askOptions, measureOptions } from "./fit_options.ts";
import { type FitFunction, fitStep, inputsFor, targetOf } from "./fit_step.ts";
import { checkPreprocessing } from "./preprocessing.ts";

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions extends AskOptions {
  /** As of {@linkcode fit}; not for a step, which says itself what to measure. */
  readonly loss?: LossName | FitFunction;
  /** What to measure, too, as of {@linkcode fit}. */
  readonly metrics?: Readonly<Record<string, FitFunction>>;
  /**
   * Whether a batch goes on where the one before ended, as of {@linkcode TrainOptions.carry}; all examples count. There are 32
   * rows when `batchSize` is left out: each begins from nothing somewhere in the sequence, so that fewer rows are truer and
   * slower.
   */
  readonly carry?: boolean;
}

/**
 * The mean loss and accuracy of a model on a data set; or what a step's `evaluate` measures, with the parameters as they are on the
 * host.
 *
 * @throws {TypeError | RangeError} when data, model and options do not fit together, as when the model was trained on inputs of
 * another scale; before anything is computed.
 * @throws {NotFiniteError} when the loss is infinite or NaN; it names the example, weight or layer where that begins.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { cnn, evaluate, shapes } from "@gesso/gesso";
 *
 * const { test } = shapes({ train: 10, test: 100 });
 * const { loss, accuracy } = await evaluate(cnn(), test, { device: "cpu" });
 * assert(loss > 1 && accuracy! < 0.5);
 * ```
 */
export async function evaluate(
  model: Model | TrainStep,
  data: TrainingData,
  options: EvaluateOptions = {},
): Promise<Score> {
  const read = readEvaluate(options);
  const step = trainStepKind.read(model);
  if (step) {
    if (!step.evaluate) {
      throw new TypeError(
        "Cannot evaluate a step that does not say what to measure: see the option evaluate of trainStep",
      );
    }
    if (!isTrainingData(data) || read.loss || Object.keys(read.metrics).length > 0) {
      throw new TypeError(
        "Cannot evaluate a step with a loss, metrics, or what is no data: it takes a Dataset, and says itself what to measure",
      );
    }
    if (read.carry) checkCarryOrder("evaluate a step", [data], false);
    const { evaluate: measure } = step;
    return await withDevice(read.device, (device) => scoreOf(measure, data, { ...read, device }));
  }
  return await evaluateModel(model as Model, data, read);
}

type Read = ReturnType<typeof readEvaluate>;
const readEvaluate = (options: EvaluateOptions) =>
  settled(readOptions("evaluate", options, {
    ...askOptions,
    ...measureOptions,
    batchSize: optional(whole(1)),
    carry: optional(flag, false),
  }));

/** With a size of batches, if none is given. */
const settled = <O extends { batchSize?: number; carry: boolean }>(read: O): O & { batchSize: number } => ({
  ...read,
  batchSize: read.batchSize ?? (read.carry ? 32 : 256),
});

async function evaluateModel(model: Model, data: TrainingData, read: Read): Promise<Score> {
  checkKinds("evaluate", model, data);
  const { loss = defaultLoss(data.types[targetOf(data)]), metrics, batchSize } = read;
  checkData(model, data, loss);
  checkClassNames(model, data);
  checkPreprocessing(model, data);
  if (read.carry) {
    checkCarryOrder(`evaluate ${model.name}`, [data], false);
    checkCarry("evaluate", model, data, Math.min(batchSize, data.length), false);
  }
  const { evaluate: measure } = fitStep(parameters(model), data, { loss, metrics });
  return await withDevice(read.device, async (device) => {
    const score = await scoreOf(measure!, data, { ...read, device });
    const wrong = Object.entries(score).find(([, value]) => !Number.isFinite(value));
    if (!wrong) return score;
    const { badExample, badWeight } = await import("../not_finite/bad_example.ts");
    const stored = data instanceof Dataset ? data : undefined;
    const cause = (stored && badExample(stored)) ?? badWeight("the model", model.weights) ??
      (stored && await causeInExamples(model, stored, device, batchSize)) ?? "all results are finite";
    throw new NotFiniteError(
      `Cannot evaluate ${model.name} on ${data.name}: the ${wrong[0]} is ${wrong[1]}: ${cause}`,
    );
  });
}

/** The first example whose result is not finite, if the inputs are arrays of their own. */
async function causeInExamples(model: Model, data: Dataset, device: Device, batchSize: number) {
  const inputs = Object.entries(inputsFor(model, data)).map(([input, field]) => {
    const { values, encoding } = data.fields[field];
    if (encoding.kind === "windows" || encoding.kind === "numbers" && encoding.offset !== 0) return undefined;
    return [input, { array: values, scale: encoding.kind === "numbers" ? encoding.scale : 1 }] as const;
  });
  if (inputs.some((input) => input === undefined)) return undefined;
  const { causeInResults } = await import("./ask_model.ts");
  return await causeInResults(model, Object.fromEntries(inputs as [string, GivenInput][]), {
    device,
    batchSize,
  }, data.name);
}

/** What is measured of all of some data, with parameters as they are on the host. */
async function scoreOf(
  measure: EvaluateFunction,
  data: TrainingData,
  { device, batchSize, carry, signal }: {
    device: Device;
    batchSize: number;
    carry: boolean;
    signal?: AbortSignal;
  },
): Promise<Score> {
  const state: State = new State(device, { seed: ndarray("uint32", [], [0]) });
  try {
    const sets = new ParametersOnDevice(state);
    const evaluation = await Evaluation.create({
      sets,
      evaluate: measure,
      data,
      batchSize,
      carry,
      prefix: "",
      signal,
    });
    try {
      return await evaluation.run({ signal });
    } finally {
      evaluation.close();
    }
  } finally {
    state.close();
  }
}
