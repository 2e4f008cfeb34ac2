/** Judging a model on a data set: the program, and the loop that runs it. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { Program } from "../../engine/program.ts";
import type { State } from "../../engine/state.ts";
import { takeTurn } from "../../engine/turn.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import { add } from "../../ops/elementwise/add.ts";
import { DataFeed, usualPair } from "../data_feed.ts";
import { judge, type LossName } from "../losses/losses.ts";
import type { ModelBlocks } from "../step/parameter_blocks.ts";
import { addTo, readSum, resetSum, runningSum } from "./running_sum.ts";

/** A portion takes about this many seconds. */
const PORTION = 0.25;

/** How well a model does: means over all examples. */
export interface Score {
  /** The mean loss. */
  readonly loss: number;
  /** What part of the examples is right; only for classes. */
  readonly accuracy?: number;
}

/** How judging can be ended before it is done. */
export interface EvaluationInterruption {
  /** Looked at between portions. */
  readonly signal?: AbortSignal;
  /** How fast it is at least, so that portions are not too long; measured when left out. */
  readonly examplesPerSecond?: number;
}

/** A data set that a model is to be judged on, ready for a device. */
export interface EvaluationData {
  readonly data: Dataset;
  readonly feed: DataFeed;
  readonly examples: number;
  /** What the names of its state begin with. */
  readonly prefix: string;
  /** What it keeps on the device. */
  readonly state: Readonly<Record<string, NdArray>>;
}

/** Prepares a data set for judging a model on it. */
export function evaluationData(
  device: Device,
  data: Dataset,
  batchSize: number,
  prefix: string,
): EvaluationData {
  const feed = new DataFeed({ device, data, batchSize: Math.min(batchSize, data.length), prefix });
  const state = {
    ...feed.state(),
    [`${prefix}step`]: ndarray("int32", [], [0]),
    ...runningSum(`${prefix}loss`),
    ...runningSum(`${prefix}accuracy`),
  };
  return { data, feed, examples: data.length, prefix, state };
}

/** Runs a model over a data set that lies on the device, beside the model's weights. */
export class Evaluation {
  readonly #state: State;
  readonly #program: Program;
  readonly #data: EvaluationData;
  readonly #judgesClasses: boolean;

  private constructor(state: State, program: Program, data: EvaluationData, classes: boolean) {
    this.#state = state;
    this.#program = program;
    this.#data = data;
    this.#judgesClasses = classes;
  }

  /** Compiles the program. `state` holds the model's blocks and the state of `data`. */
  static async create(
    options: {
      state: State;
      model: Model;
      blocks: ModelBlocks;
      data: EvaluationData;
      loss: LossName;
      signal?: AbortSignal;
    },
  ): Promise<Evaluation> {
    const { state, model, blocks, data, loss, signal } = options;
    const { feed, prefix } = data;
    let judgesClasses = false;
    const compiled = await program((s: Record<string, Tensor>) => {
      const step = s[`${prefix}step`];
      const batch = feed.batch(s, step);
      const { input, target } = usualPair(data.data, batch);
      const { output } = model.apply(input, blocks.tensors(s).all);
      const judged = judge(loss, output, target);
      judgesClasses = judged.accuracy !== undefined;
      const sum = (name: string, perExample: Tensor) => addTo(s, prefix + name, batch.total(perExample));
      return {
        state: {
          [`${prefix}step`]: add(step, 1),
          ...sum("loss", judged.loss),
          ...judged.accuracy && sum("accuracy", judged.accuracy),
        },
      };
    }, { state, signal });
    return new Evaluation(state, compiled, data, judgesClasses);
  }

  /** Goes through all examples once: in portions where a signal may end it, else all at once. */
  async run({ signal, examplesPerSecond }: EvaluationInterruption = {}): Promise<Score> {
    const { feed, prefix, examples } = this.#data;
    this.#state.write(`${prefix}step`, new Int32Array(1));
    resetSum(this.#state, `${prefix}loss`);
    resetSum(this.#state, `${prefix}accuracy`);
    const stepsIn = (rate: number) => Math.max(1, Math.floor(rate * PORTION * feed.stepsPerEpoch / examples));
    let portion = signal ? stepsIn(examplesPerSecond ?? 0) : Infinity;
    for (let step = 0; step < feed.stepsPerEpoch;) {
      const begin = performance.now();
      const times = Math.min(feed.stepsPerEpoch - step, await feed.load(this.#state, step), portion);
      this.#program.run({ times });
      step += times;
      if (!signal || step === feed.stepsPerEpoch) continue;
      await this.#state.read(`${prefix}loss`);
      await takeTurn(signal);
      const seconds = Math.max(1e-4, (performance.now() - begin) / 1000);
      if (examplesPerSecond === undefined) portion = Math.max(1, Math.floor(times / seconds * PORTION));
    }
    const [loss, accuracy] = await Promise.all(
      ["loss", "accuracy"].map(async (name) => await readSum(this.#state, prefix + name) / examples),
    );
    return this.#judgesClasses ? { loss, accuracy } : { loss };
  }

  /** Frees the program. */
  close(): void {
    this.#program.close();
  }
}
