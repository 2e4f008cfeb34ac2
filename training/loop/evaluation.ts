/** Measuring on a data set: the program, and the loop that runs it. */
import { ndarray } from "../../engine/array.ts";
import type { Program } from "../../engine/program.ts";
import { takeTurn } from "../../engine/turn.ts";
import { program } from "../../devices/program.ts";
import { add } from "../../ops/elementwise/add.ts";
import { DataFeed, type TrainingData } from "../feed/data_feed.ts";
import type { ParametersOnDevice } from "../step/parameters_on_device.ts";
import { traceEvaluation } from "../step/trace_step.ts";
import type { EvaluateFunction } from "../step/train_step.ts";
import { MetricSums } from "./metric_sums.ts";

/** A portion takes about this many seconds. */
const PORTION = 0.25;

/** Figures by their names, such as `loss` and `accuracy`: means over all examples. */
export interface Score {
  /** A metric. */
  readonly [metric: string]: number;
}

/** How measuring can be ended before it is done. */
export interface EvaluationInterruption {
  /** Looked at between portions. */
  readonly signal?: AbortSignal;
  /** How fast it is at least, so that portions are not too long; measured when left out. */
  readonly examplesPerSecond?: number;
}

/** What is measured on what. */
export interface EvaluationOptions {
  /** The parameters; their state has `seed`, and gets the data and sums. */
  readonly sets: ParametersOnDevice;
  readonly evaluate: EvaluateFunction;
  readonly data: TrainingData;
  readonly batchSize: number;
  /** Whether batches go on from one another. */
  readonly carry?: boolean;
  /** What the names of its state begin with. */
  readonly prefix: string;
  readonly signal?: AbortSignal;
}

/** Goes over a data set that lies on the device, beside the parameters. */
export class Evaluation {
  readonly #options: EvaluationOptions;
  readonly #program: Program;
  readonly #feed: DataFeed;
  readonly #sums: MetricSums;

  private constructor(options: EvaluationOptions, program: Program, feed: DataFeed, sums: MetricSums) {
    this.#options = options;
    this.#program = program;
    this.#feed = feed;
    this.#sums = sums;
  }

  /** Puts the data on the device and compiles the program. */
  static async create(options: EvaluationOptions): Promise<Evaluation> {
    const { sets, evaluate, data, carry, prefix, signal } = options;
    const { state } = sets;
    const batchSize = Math.min(options.batchSize, data.length);
    let feed = new DataFeed({ device: state.device, data, batchSize, inRows: carry, prefix, signal });
    const counter = `${prefix}step`;
    state.add({ ...feed.state(), [counter]: ndarray("int32", [], [0]) });
    let traced = traceEvaluation(evaluate, { sets, feed, prefix, carry });
    if (traced.needsFullBatches && data.length % batchSize > 0) {
      feed = feed.inFullBatches();
      traced = traceEvaluation(evaluate, { sets, feed, prefix, carry });
    }
    const sums = new MetricSums(state, traced.metrics, prefix);
    const compiled = await program(
      (s) => ({ state: { [counter]: add(s[counter], 1), ...sums.add(), ...traced.parameters.carried } }),
      { state, signal },
    );
    return new Evaluation(options, compiled, feed, sums);
  }

  /** What is measured. */
  get metrics(): readonly string[] {
    return this.#sums.names;
  }

  /** Goes through all examples once: in portions where a signal may end it, else all at once. */
  async run({ signal, examplesPerSecond }: EvaluationInterruption = {}): Promise<Score> {
    const { sets: { state }, prefix } = this.#options;
    const { stepsPerEpoch, examplesPerEpoch } = this.#feed;
    state.write(`${prefix}step`, new Int32Array(1));
    this.#sums.reset();
    const stepsIn = (rate: number) =>
      Math.max(1, Math.floor(rate * PORTION * stepsPerEpoch / examplesPerEpoch));
    let portion = signal ? stepsIn(examplesPerSecond ?? 0) : Infinity;
    for (let step = 0; step < stepsPerEpoch;) {
      const begin = performance.now();
      const times = Math.min(stepsPerEpoch - step, await this.#feed.load(state, step), portion);
      this.#program.run({ times });
      step += times;
      if (!signal || step === stepsPerEpoch) continue;
      await state.read(`${prefix}step`);
      await takeTurn(signal);
      const seconds = Math.max(1e-4, (performance.now() - begin) / 1000);
      if (examplesPerSecond === undefined) portion = Math.max(1, Math.floor(times / seconds * PORTION));
    }
    return await this.#sums.means(({ isPerExample }) => isPerExample ? examplesPerEpoch : stepsPerEpoch);
  }

  /** Frees the program. */
  close(): void {
    this.#program.close();
    this.#feed.close();
  }
}
