/** A step of training as people write it. */
import { functionKind, objectThat } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { RandomSource } from "../../ops/random/random.ts";
import type { Parameters } from "./parameters.ts";

/** What a step is given. */
export interface StepContext {
  /** The fields of the data for this batch by their names, `[batch, ...]`: float32 numbers, int32 classes and tokens. */
  readonly batch: Readonly<Record<string, Tensor>>;
  /**
   * Which examples of the batch count: float32 `[batch]`, 1 for those that do, else 0, where the last batch of an epoch is
   * shorter and filled up; undefined where all do. Losses and metrics see to it by themselves; a model with batch normalization
   * is told ({@linkcode ParameterUse.apply}).
   */
  readonly counts?: Tensor;
  /** Random draws of this step: others at each step, the same ones for the same seed. */
  readonly random: RandomSource;
  /** The number of the step, from 0 and on through all epochs; int32 `[]`. */
  readonly step: Tensor;
}

/** What a loss counts for. */
export interface MinimizeOptions {
  /** The set is changed in each n-th step only: at the n-th, the 2n-th ...; 1 when left out. */
  readonly every?: number;
}

/** A loss and the set that is changed so that it becomes smaller. */
export type Minimize =
  | readonly [loss: Tensor, parameters: Parameters]
  | readonly [loss: Tensor, parameters: Parameters, options: MinimizeOptions];

/**
 * Figures by their names. Each is one number `[]`, or one for each example `[batch]` (`[batch, ...]` is averaged over what is
 * behind): then a shorter last batch counts as what it is.
 */
export type Metrics = Readonly<Record<string, Tensor>>;

/** What a step gives. */
export interface StepResult {
  /** Losses, each with the set that it is for. A loss is a number or one for each example, as {@linkcode Metrics} are. */
  readonly minimize: readonly Minimize[];
  /** What to measure; an epoch's record has the means. */
  readonly metrics?: Metrics;
  /**
   * New values for sets of arrays that have no optimizer: what a step hands on to the next one, such as the state that a recurrent
   * net goes on from, or a codebook. Those that are not named stay.
   */
  readonly assign?: readonly Assign[];
}

/** A set of arrays without an optimizer, and new values by their names. */
export type Assign = readonly [parameters: Parameters, values: Readonly<Record<string, Tensor>>];

/** Traces a step. */
export type StepFunction = (context: StepContext) => StepResult;

/** Traces what is measured of a batch. */
export type EvaluateFunction = (context: StepContext) => Metrics;

/** A step: made by {@linkcode trainStep}, run by `train`. */
export interface TrainStep {
  /** The step itself. */
  readonly step: StepFunction;
  /** What is measured of data that is not trained on. */
  readonly evaluate?: EvaluateFunction;
}

/**
 * A step of training: a function that is traced once, on tensors without values, and becomes one program. It says of a batch what
 * is to be minimized and what to measure; gradients, optimizers, averages and sums are added to it. Sets of parameters
 * ({@linkcode parameters}) are tensors within it.
 *
 * It is traced a second time only if a loss or metric is one number for the whole batch and the data does not go into full batches:
 * then the last, shorter batch of each epoch is left out, as nobody could tell what part of such a number its examples are.
 *
 * @param step The function. Sets with `every` are left out of the program for the steps in between.
 * @param options `evaluate` gives the figures for validation data and for `evaluate`; there, layers behave as after training.
 * @throws {TypeError} when these are no functions.
 *
 * @example Two sets with an optimizer each
 * ```ts
 * import { assert } from "@std/assert";
 * import { Dataset, layers, ndarray, parameters, sequential, train, training, trainStep } from "@gesso/gesso";
 * import { ops } from "@gesso/gesso"; // ops
 *
 * const optimizer = training.rmsprop(0.001);
 * const G = parameters(sequential([layers.dense({ units: 1 })], { inputShape: [2], name: "G" }), { optimizer });
 * const D = parameters(sequential([layers.dense({ units: 1 })], { inputShape: [1], name: "D" }), { optimizer });
 * const step = trainStep(({ batch, random }) => {
 *   const fake = G.apply(random.normal([8, 2]));
 *   const lossD = ops.sub(ops.mean(D.apply(ops.stopGradient(fake))), ops.mean(D.apply(batch.inputs)));
 *   const lossG = ops.neg(ops.mean(D.apply(fake)));
 *   return { minimize: [[lossD, D], [lossG, G, { every: 5 }]], metrics: { lossD, lossG } };
 * });
 * const numbers = ndarray("float32", [64, 1], Float32Array.from({ length: 64 }, (_, i) => i / 64));
 * const data = new Dataset({ inputs: numbers, targets: numbers });
 * const [record] = await train(step, data, { batchSize: 8, device: "cpu" });
 * assert(Number.isFinite(record.lossD) && Number.isFinite(record.lossG));
 * ```
 */
export function trainStep(step: StepFunction, options: { evaluate?: EvaluateFunction } = {}): TrainStep {
  if (typeof step !== "function") {
    throw new TypeError(
      `Cannot make a step of ${typeof step}: it takes a function that gives what to minimize`,
    );
  }
  const { evaluate } = readOptions("make a step", options, {
    evaluate: optional(functionKind<EvaluateFunction>()),
  });
  return { step, evaluate };
}

/** What {@linkcode trainStep} gives. */
export const trainStepKind = objectThat<TrainStep>(
  "a step, such as trainStep gives",
  ({ step }) => typeof step === "function",
);
