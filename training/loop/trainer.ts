/** A training run on a device: its state, its programs, and nothing about files or people. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { Program, ProgramSummary } from "../../engine/program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import type { Precision } from "../../models/precision.ts";
import { cast, isFinite, min, minimum } from "../../ops/mod.ts";
import { DataFeed, type TrainingData } from "../feed/data_feed.ts";
import type { Parameters } from "../step/parameters.ts";
import { ParametersOnDevice } from "../step/parameters_on_device.ts";
import { type TracedMetric, type TracedStep, traceStep } from "../step/trace_step.ts";
import type { TrainStep } from "../step/train_step.ts";
import { type SetUpdate, traceUpdate } from "../step/update_parameters.ts";
import { Evaluation, type EvaluationInterruption, type Score } from "./evaluation.ts";
import { MetricSums } from "./metric_sums.ts";
import { countedSteps, countsAt, StepPrograms } from "./step_programs.ts";

/** All that a run is made from. */
export interface TrainerOptions {
  readonly device: Device;
  readonly step: TrainStep;
  readonly data: TrainingData;
  /** Measured after each epoch, as the step's `evaluate` says. */
  readonly validation?: TrainingData;
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Whether batches go on from one another; false when left out. */
  readonly carry?: boolean;
  readonly seed: number;
  /** `"float32"` when left out. */
  readonly precision?: Precision;
  /** Ends the compiling before it is done. */
  readonly signal?: AbortSignal;
}

interface Parts {
  readonly options: TrainerOptions;
  readonly feed: DataFeed;
  readonly sets: ParametersOnDevice;
  readonly traced: TracedStep;
  readonly updates: readonly SetUpdate[];
  readonly sums: MetricSums;
  readonly programs: StepPrograms;
  readonly check: Program<never, "finite">;
  readonly validation: Evaluation | undefined;
}

/** State that a run changes, and that is not its data or what is measured of other data. */
const isProgress = (name: string) => !name.startsWith("data/") && !name.startsWith("validation/");

/** A run: steps forward, scores, and its state to keep and to go on from. */
export class Trainer {
  /** The options of the run. */
  readonly options: TrainerOptions;
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  /** Examples of one epoch: fewer than there are where a last batch that is not full is left out. */
  readonly examplesPerEpoch: number;
  readonly #parts: Parts;
  /** The number of the step that comes next. */
  #next = 0;
  /** The step that the sums begin with. */
  #sumsBegin = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.options = parts.options;
    this.stepsPerEpoch = parts.feed.stepsPerEpoch;
    this.examplesPerEpoch = parts.feed.examplesPerEpoch;
  }

  /** Traces the step, puts data and parameters on the device and compiles the programs. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { device, data, epochs, batchSize, seed, carry, signal } = options;
    const shuffleSeed = options.shuffle ? seed : undefined;
    const order = { shuffleSeed, inRows: carry, fullBatches: carry };
    const feed = new DataFeed({ device, data, batchSize, ...order, seed, epochs, signal, prefix: "" });
    const state: State = new State(device, {
      step: ndarray("int32", [], [0]),
      seed: ndarray("uint32", [], [seed]),
      firstBad: ndarray("int32", [], [-1]),
      ...feed.state(),
    });
    const opened: Closable[] = [state, feed];
    try {
      return new Trainer(await makeParts(options, feed, state, opened));
    } catch (error) {
      for (const each of opened.reverse()) each.close();
      throw error;
    }
  }

  /** The sets of parameters that its step and its validation use. */
  get sets(): readonly Parameters[] {
    return this.#parts.sets.all.map(({ set }) => set);
  }

  /** What is measured of each epoch. */
  get metrics(): readonly string[] {
    return this.#parts.sums.names;
  }

  /** What is measured of the validation data. */
  get validationMetrics(): readonly string[] {
    return this.#parts.validation?.metrics ?? [];
  }

  /** What was traced, for those who look for what is wrong or tell steps apart. */
  get traced(): { step: TracedStep; updates: readonly SetUpdate[]; state: State } {
    const { traced, updates, sets } = this.#parts;
    return { step: traced, updates, state: sets.state };
  }

  /** What a step does and needs; of several programs, the largest. */
  get summary(): ProgramSummary {
    return this.#parts.programs.summary;
  }

  /** The step's kernels as text. */
  explain(): string {
    return this.#parts.programs.explain();
  }

  /** Starts some steps without waiting for them. Gives a promise where examples, or programs, are to be waited for. */
  start(steps: number): void | Promise<void> {
    const { feed, sets, programs } = this.#parts;
    for (const end = this.#next + steps; this.#next < end;) {
      const most = feed.load(sets.state, this.#next);
      if (typeof most !== "number") return most.then(() => this.start(end - this.#next));
      const started = programs.start(this.#next, Math.min(end - this.#next, most));
      if (typeof started !== "number") return started.then(() => this.start(end - this.#next));
      this.#next += started;
    }
  }

  /**
   * Waits for all steps; gives the means of metrics over the epoch so far, and the first step whose loss was not a finite number
   * (-1: none).
   */
  async progress(): Promise<{ metrics: Readonly<Record<string, number>>; firstBad: number }> {
    const { sums, sets } = this.#parts;
    const countOf = ({ isPerExample, every }: TracedMetric) => {
      const steps = countedSteps(this.#sumsBegin, this.#next, every);
      if (!isPerExample) return steps;
      const { batchSize } = this.options;
      const hasLast = this.#next - this.#sumsBegin === this.stepsPerEpoch && countsAt(this.#next - 1, every);
      return steps * batchSize - (hasLast ? this.stepsPerEpoch * batchSize - this.examplesPerEpoch : 0);
    };
    const [metrics, firstBad] = await Promise.all([sums.means(countOf), sets.state.read("firstBad")]);
    return { metrics, firstBad: firstBad.data[0] };
  }

  /** Whether all parameters that steps change, running statistics among them, are finite numbers. */
  async isFinite(): Promise<boolean> {
    return (await this.#parts.check.call()).finite.data[0] === 1;
  }

  /** Sets the sums back to zero, for a new epoch. */
  beginEpoch(): void {
    this.#parts.sums.reset();
    this.#sumsBegin = this.#next;
  }

  /** The score on the validation data, if there is any; `interruption` as {@linkcode Evaluation.run} takes it. */
  async validate(interruption: EvaluationInterruption = {}): Promise<Score | undefined> {
    return await this.#parts.validation?.run(interruption);
  }

  /** The parameters as they are now, for {@linkcode updateSets}. */
  async weights(): Promise<Record<string, NdArray>> {
    return await this.#parts.sets.read();
  }

  /** Puts parameters, or all of what {@linkcode save} gave, into the sets. */
  updateSets(weights: Readonly<Record<string, NdArray>>): void {
    const { sets } = this.#parts;
    sets.store(sets.all.reduce((split, blocks) => blocks.split(split), weights));
  }

  /** Everything that changes in a run, to go on from later. */
  async save(): Promise<Record<string, NdArray>> {
    const { state, all } = this.#parts.sets;
    const names = state.names.filter(isProgress);
    const values = await Promise.all(names.map((name) => state.read(name)));
    const saved: Record<string, NdArray> = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    return all.reduce((joined, blocks) => blocks.joined(joined), saved);
  }

  /** Goes on from what {@linkcode save} gave, if it is all of what this run has, and nothing else. */
  restore(saved: Readonly<Record<string, NdArray>>): void {
    const { sets } = this.#parts;
    const values = sets.all.reduce((split, blocks) => blocks.split(split), saved);
    const names = sets.state.names.filter(isProgress);
    const missing = names.find((name) => !Object.hasOwn(values, name));
    const other = Object.keys(values).find((name) => !names.includes(name));
    if (missing !== undefined || other !== undefined) {
      const reason = missing === undefined
        ? `it has ${other}, which the run has not`
        : `${missing} is missing`;
      throw new RangeError(`Cannot go on from this checkpoint: ${reason}`);
    }
    for (const name of names) sets.state.write(name, values[name]);
    this.#next = values.step.data[0];
    // Behind an epoch's last step the sums are still its own.
    this.#sumsBegin = Math.max(0, Math.ceil(this.#next / this.stepsPerEpoch) - 1) * this.stepsPerEpoch;
  }

  /**
   * Puts a step's number and parameters (those of the host when left out) into the state, to look at that step again; the run cannot
   * go on then.
   */
  async rewind(step: number, weights?: Readonly<Record<string, NdArray>>): Promise<State> {
    const { feed, sets: { state, all } } = this.#parts;
    const values = weights ?? Object.assign({}, ...all.map((blocks) => blocks.values()));
    for (const [name, value] of Object.entries<NdArray>(values)) state.write(name, value);
    state.write("step", Int32Array.of(step));
    await feed.load(state, step);
    return state;
  }

  /** Frees everything on the device. */
  close(): void {
    const { programs, check, validation, feed, sets } = this.#parts;
    programs.close();
    check.close();
    validation?.close();
    feed.close();
    sets.state.close();
  }
}

/** What has to be closed where the rest cannot be made. */
type Closable = { close(): void };

/** All that a trainer is made of; what is to be closed is added to `opened` at once. */
async function makeParts(
  options: TrainerOptions,
  whole: DataFeed,
  state: State,
  opened: Closable[],
): Promise<Parts> {
  const open = <T extends Closable>(made: T): T => {
    opened.push(made);
    return made;
  };
  const { step, validation: data, epochs, batchSize, shuffle, carry, precision = "float32", signal } =
    options;
  const sets = new ParametersOnDevice(state);
  const traceWith = (feed: DataFeed) =>
    traceStep(step.step, { sets, feed, isShuffled: shuffle, precision, carry });
  let [feed, traced] = [whole, traceWith(whole)];
  if (traced.needsFullBatches && !carry && options.data.length % batchSize > 0) {
    feed = open(whole.inFullBatches());
    traced = traceWith(feed);
  }
  const total = epochs * feed.stepsPerEpoch;
  const updates = traced.losses.map((loss) =>
    traceUpdate({ state, ...loss, total, isScaled: precision === "mixed" })
  );
  const sums = new MetricSums(state, traced.metrics, "");
  const programs = open(await StepPrograms.create({ state, traced, updates, sums, total, signal }));
  const check = open(
    await program((s: Record<string, Tensor>) => {
      const areFinite = (block: Tensor) => min(cast(isFinite(block), "int32"));
      const names = sets.all.flatMap((blocks) => blocks.changingNames);
      return { outputs: { finite: names.map((name) => areFinite(s[name])).reduce((a, b) => minimum(a, b)) } };
    }, { state }),
  );
  const validation = data && step.evaluate && await Evaluation.create({
    sets,
    evaluate: step.evaluate,
    data,
    // Larger batches than in training, as nothing is kept for a backward pass; but not where each row begins from nothing.
    batchSize: carry ? batchSize : Math.max(batchSize, 256),
    carry,
    prefix: "validation/",
    signal,
  });
  return { options, feed, sets, traced, updates, sums, programs, check, validation };
}
