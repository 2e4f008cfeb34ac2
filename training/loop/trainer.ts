/** A training run on a device: its state, its programs, and nothing about files or people. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { Program, ProgramSummary } from "../../engine/program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import type { Precision } from "../../models/precision.ts";
import {
  add,
  cast,
  div,
  grad,
  isFinite,
  less,
  logicalAnd,
  logicalNot,
  min,
  minimum,
  mul,
  RandomSource,
  sqrt,
  square,
  sum,
  tensor,
  where,
} from "../../ops/mod.ts";
import { augment, type Augmentation } from "../fit/augment.ts";
import { DataFeed, isDataState, usualPair } from "../data_feed.ts";
import { Evaluation, evaluationData, type EvaluationInterruption, type Score } from "./evaluation.ts";
import { addTo, readSum, resetSum, runningSum } from "./running_sum.ts";
import { lossScaleState, scaleLoss, unscale } from "../step/loss_scale.ts";
import { judge, type LossName } from "../losses/losses.ts";
import { ModelBlocks } from "../step/parameter_blocks.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { rateAt } from "../optimizers/schedules.ts";

/** All that a run is defined by. */
export interface TrainerOptions {
  readonly device: Device;
  readonly model: Model;
  readonly data: Dataset;
  readonly validation?: Dataset;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly loss: LossName;
  readonly labelSmoothing: number;
  readonly clipNorm?: number;
  readonly augmentation: Augmentation;
  readonly shuffle: boolean;
  readonly seed: number;
  /** `"float32"` when left out. */
  readonly precision?: Precision;
  /** Ends the compiling before it is done. */
  readonly signal?: AbortSignal;
}

/** State that belongs to the run and not to its data. */
const isProgress = (name: string) => !isDataState(name) && !name.startsWith("validation/");

/** A run: steps forward, scores, and its state to keep and to go on from. */
export class Trainer {
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  readonly #options: TrainerOptions;
  readonly #blocks: ModelBlocks;
  readonly #state: State;
  readonly #step: Program;
  readonly #check: Program<never, "finite">;
  readonly #validation: Evaluation | undefined;
  readonly #judgesClasses: boolean;
  readonly #feed: DataFeed;
  /** The number of the step that comes next. */
  #next = 0;

  private constructor(parts: {
    options: TrainerOptions;
    blocks: ModelBlocks;
    feed: DataFeed;
    state: State;
    step: Program;
    check: Program<never, "finite">;
    validation: Evaluation | undefined;
    judgesClasses: boolean;
  }) {
    this.#options = parts.options;
    this.#blocks = parts.blocks;
    this.#feed = parts.feed;
    this.#state = parts.state;
    this.#step = parts.step;
    this.#check = parts.check;
    this.#validation = parts.validation;
    this.#judgesClasses = parts.judgesClasses;
    this.stepsPerEpoch = parts.feed.stepsPerEpoch;
  }

  /** Puts data and weights on the device and compiles the programs. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { device, model, data, validation, batchSize, optimizer, loss, seed, signal } = options;
    const blocks = new ModelBlocks(model, device);
    const shuffleSeed = options.shuffle ? seed : undefined;
    const feed = new DataFeed({ device, data, batchSize, shuffleSeed, prefix: "" });
    // Larger batches than in training: nothing is kept for a backward pass.
    const judging = Math.max(batchSize, 256);
    const evaluated = validation && evaluationData(device, validation, judging, "validation/");
    const zeros = blocks.sizes.map((size) => ndarray("float32", [size], new Float32Array(size)));
    const state: State = new State(device, {
      ...blocks.values(),
      ...Object.fromEntries(
        slotNames(optimizer).flatMap((slot) => blocks.namesBeside(slot).map((name, i) => [name, zeros[i]])),
      ),
      step: ndarray("int32", [], [0]),
      seed: ndarray("uint32", [], [seed]),
      ...runningSum("loss"),
      ...runningSum("accuracy"),
      firstBad: ndarray("int32", [], [-1]),
      ...options.precision === "mixed" && lossScaleState(),
      ...feed.state(),
      ...evaluated?.state,
    });
    let judgesClasses = false;
    const step = await program((s: Record<string, Tensor>) => {
      const traced = traceStep(options, blocks, feed, s);
      judgesClasses = traced.accuracy !== undefined;
      return { state: traced };
    }, { state, signal });
    const check = await program((s: Record<string, Tensor>) => {
      const areFinite = (block: Tensor) => min(cast(isFinite(block), "int32"));
      const names = [...blocks.trainedNames, ...blocks.statisticsNames];
      return { outputs: { finite: names.map((name) => areFinite(s[name])).reduce((a, b) => minimum(a, b)) } };
    }, { state });
    const evaluation = evaluated && await Evaluation.create({
      state,
      model,
      blocks,
      data: evaluated,
      loss,
      signal,
    });
    return new Trainer({ options, blocks, feed, state, step, check, validation: evaluation, judgesClasses });
  }

  /** What a step does and needs. */
  get summary(): ProgramSummary {
    return this.#step.summary;
  }

  /** The step's kernels as text. */
  explain(): string {
    return this.#step.explain();
  }

  /** Starts some steps without waiting for them. */
  start(steps: number): void {
    const end = this.#next + steps;
    while (this.#next < end) {
      // A data set is there already, so that nothing has to be waited for.
      const times = Math.min(end - this.#next, this.#feed.load(this.#state, this.#next) as number);
      this.#step.run({ times });
      this.#next += times;
    }
  }

  /**
   * Waits for all steps; gives sums over the epoch so far, and the first step whose loss was not a finite number
   * (-1: none).
   */
  async progress(): Promise<{ loss: number; accuracy?: number; firstBad: number }> {
    const [loss, accuracy, firstBad] = await Promise.all([
      readSum(this.#state, "loss"),
      readSum(this.#state, "accuracy"),
      this.#state.read("firstBad"),
    ]);
    return { loss, ...this.#judgesClasses && { accuracy }, firstBad: firstBad.data[0] };
  }

  /** Whether all weights, running statistics among them, are finite numbers. */
  async isFinite(): Promise<boolean> {
    return (await this.#check.call()).finite.data[0] === 1;
  }

  /** Sets the sums back to zero, for a new epoch. */
  beginEpoch(): void {
    resetSum(this.#state, "loss");
    resetSum(this.#state, "accuracy");
  }

  /** The score on the validation data, if there is any; `interruption` as {@linkcode Evaluation.run} takes it. */
  async validate(interruption: EvaluationInterruption = {}): Promise<Score | undefined> {
    return await this.#validation?.run(interruption);
  }

  /** Weights and running statistics as they are now, for {@linkcode updateModel}. */
  async weights(): Promise<Record<string, NdArray>> {
    const names = [...this.#blocks.trainedNames, ...this.#blocks.statisticsNames];
    const values = await Promise.all(names.map((name) => this.#state.read(name)));
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }

  /** Puts weights into the model. */
  updateModel(weights: Record<string, NdArray>): void {
    this.#blocks.store(weights);
  }

  /** Everything that changes in a run, to go on from later. */
  async save(): Promise<Record<string, NdArray>> {
    const names = this.#state.names.filter(isProgress);
    const values = await Promise.all(names.map((name) => this.#state.read(name)));
    const state = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    return this.#blocks.joined(state, slotNames(this.#options.optimizer));
  }

  /** Goes on from what {@linkcode save} gave, if it is all of what this run has, and nothing else. */
  restore(saved: Readonly<Record<string, NdArray>>): void {
    const values = this.#blocks.split(saved, slotNames(this.#options.optimizer));
    const names = this.#state.names.filter(isProgress);
    const missing = names.find((name) => !Object.hasOwn(values, name));
    const other = Object.keys(values).find((name) => !names.includes(name));
    if (missing !== undefined || other !== undefined) {
      const reason = missing === undefined
        ? `it has ${other}, which the run has not`
        : `${missing} is missing`;
      throw new RangeError(`Cannot go on from this checkpoint: ${reason}`);
    }
    for (const name of names) this.#state.write(name, values[name]);
    this.#next = values.step.data[0];
  }

  /** Frees everything on the device. */
  close(): void {
    this.#step.close();
    this.#check.close();
    this.#validation?.close();
    this.#state.close();
  }

  /** The options of the run. */
  get options(): TrainerOptions {
    return this.#options;
  }
}

/** What the optimizer keeps, by its names as state. */
const slotNames = ({ slots }: Optimizer) => slots.map((slot) => `slot/${slot}`);

/** One step: batch, forward, gradients, update, sums. */
function traceStep(
  options: TrainerOptions,
  blocks: ModelBlocks,
  feed: DataFeed,
  s: Record<string, Tensor>,
): Record<string, Tensor> {
  const { model, optimizer, loss, labelSmoothing, clipNorm, augmentation, shuffle, epochs } = options;
  const batch = feed.batch(s, s.step, shuffle ? s.seed : undefined);
  const { input, target } = usualPair(options.data, batch);
  const random = new RandomSource({ seed: s.seed, counter: s.step });
  const changes = augmentation.flip || augmentation.shift;
  const inputs = changes ? augment(input, augmentation, random) : input;
  const { all, trained } = blocks.tensors(s);
  const { precision = "float32" } = options;
  const isMixed = precision === "mixed";
  const { output, updates } = model.apply(inputs, all, { training: true, random, precision });
  const judged = judge(loss, output, target, { labelSmoothing });
  const average = batch.average(judged.loss);
  let gradients = blocks.packGradients(grad(isMixed ? scaleLoss(average, s) : average, trained));
  const unscaled = isMixed ? unscale(gradients, s) : undefined;
  if (unscaled) gradients = unscaled.gradients;
  /** What a step changes, unless its gradient is too large for halves. */
  const changed = (old: Tensor, now: Tensor) => unscaled ? where(unscaled.isGood, now, old) : now;
  if (clipNorm !== undefined) {
    const norm = sqrt(gradients.map((gradient) => sum(square(gradient))).reduce((a, b) => add(a, b)));
    const factor = minimum(div(clipNorm, add(norm, 1e-6)), 1);
    gradients = gradients.map((gradient) => mul(gradient, factor));
  }
  const total = epochs * feed.stepsPerEpoch;
  const shared = {
    step: cast(add(isMixed ? s.updates : s.step, 1), "float32"),
    learningRate: rateAt(optimizer.learningRate, cast(s.step, "float32"), total),
  };
  const decays = optimizer.weightDecay > 0 ? blocks.decays() : undefined;
  const updated = blocks.trainedNames.flatMap((name, i) => {
    const slotOf = (slot: string) => blocks.namesBeside(`slot/${slot}`)[i];
    const { weights, slots } = optimizer.update({
      ...shared,
      weights: s[name],
      gradient: gradients[i],
      slots: Object.fromEntries(optimizer.slots.map((slot) => [slot, s[slotOf(slot)]])),
      decays: decays && tensor(decays[i]),
    });
    const values = Object.entries(slots).map(([slot, value]) => [slotOf(slot), value] as const);
    return [[name, weights] as const, ...values];
  });
  const isBad = logicalAnd(less(s.firstBad, 0), logicalNot(isFinite(average)));
  return {
    ...Object.fromEntries(updated.map(([name, value]) => [name, changed(s[name], value)])),
    ...unscaled?.state,
    ...blocks.packStatistics(s, updates),
    step: add(s.step, 1),
    ...addTo(s, "loss", batch.total(judged.loss)),
    ...judged.accuracy && addTo(s, "accuracy", batch.total(judged.accuracy)),
    firstBad: where(isBad, s.step, s.firstBad),
  };
}
