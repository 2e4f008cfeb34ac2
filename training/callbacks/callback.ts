/** What callbacks are: hooks into a run, and what they see of it. */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { ProgramSummary } from "../../engine/program.ts";
import type { Model } from "../../models/model.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { Plain } from "../checkpoints/plain_values.ts";
import type { EpochRecord } from "../loop/history.ts";
import type { Parameters } from "../step/parameters.ts";

/** How far an epoch is, with the step's metrics by their names: `loss` and `accuracy` of `fit`. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  /** How many there are. */
  readonly epochs: number;
  /** Steps done in this epoch. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** Over the last moments. */
  readonly examplesPerSecond: number;
  /** Until the end of the epoch. */
  readonly secondsLeft: number;
  /** A metric: its mean over the epoch so far. */
  readonly [metric: string]: number;
}

/** What callbacks can see and do. */
export interface RunContext {
  /**
   * The sets of parameters by their names; their values, and the weights of their models, are new after each epoch, and those of
   * the checkpoint when a run is gone on with.
   */
  readonly parameters: Readonly<Record<string, Parameters>>;
  /** The model of a run that trains one, as `fit` does; where there are none or several, a `TypeError` is thrown. */
  readonly model: Model;
  /** Where the run is. */
  readonly device: Device;
  /** What a step does and needs; of several programs, the largest. */
  readonly summary: ProgramSummary;
  /** The number of epochs. */
  readonly epochs: number;
  /** The number of steps of each. */
  readonly stepsPerEpoch: number;
  /** Examples of each: fewer than the data has where its last batch is left out, see `trainStep`. */
  readonly examplesPerEpoch: number;
  /** The records so far. */
  readonly history: readonly EpochRecord[];
  /**
   * Ends the run after this epoch. A checkpoint that is taken afterwards is of a run that has ended: going on from it gives its
   * end. To go on another day, interrupt the run by its signal.
   */
  stop(): void;
  /** Everything that is needed to go on later, at any step; what callbacks keep is in it. */
  checkpoint(): Promise<Checkpoint>;
  /** The file of the last checkpoint that was written, for error messages. */
  lastCheckpoint: string | undefined;
  /** The kernels of a step, as text. */
  explain(): string;
}

/** What a callback keeps from epoch to epoch, for a checkpoint. */
export interface CallbackState {
  /** Numbers (infinite and NaN, too), texts, truth values, lists and plain objects. */
  readonly values?: Readonly<Record<string, Plain>>;
  /** Arrays. */
  readonly tensors?: Readonly<Record<string, NdArray>>;
}

/**
 * Hooks into a run. All are awaited, one callback after another.
 *
 * A callback that has a say in what a run gives, by stopping it or by changing the model, has a `name` with its numbers: a run is
 * gone on with only if the callbacks with names are the same. If it keeps something from epoch to epoch, it gives it to `save`
 * and takes it from `load`, so that the run ends as one without a break would.
 *
 * @example A callback that counts the epochs that made things worse, and ends the run at the third
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cnn, fit, shapes, training } from "@gesso/gesso";
 *
 * function threeStrikes(): training.Callback {
 *   let [last, strikes] = [Infinity, 0];
 *   return {
 *     name: "threeStrikes",
 *     onStart: () => void ([last, strikes] = [Infinity, 0]),
 *     onEpoch: ({ loss }, run) => {
 *       if (loss > last && ++strikes === 3) run.stop();
 *       last = loss;
 *     },
 *     save: () => ({ values: { last, strikes } }),
 *     load: ({ values }) => void ([last, strikes] = [values!.last as number, values!.strikes as number]),
 *   };
 * }
 *
 * const { train } = shapes({ train: 64, test: 1 });
 * const history = await fit(cnn(), train, { callbacks: [threeStrikes()], device: "cpu" });
 * assertEquals(history.length, 1);
 * ```
 */
export interface Callback {
  /** What it is, with its numbers; for those that have a say in what the run gives. */
  readonly name?: string;
  /** What it keeps, for a checkpoint. It may be asked at any step; needs a `name` and `load`. */
  save?(): CallbackState;
  /** Takes back what `save` gave, in a run that is gone on with: after `onStart`, before the first step. */
  load?(state: CallbackState): void;
  /** Before the first step. */
  onStart?(run: RunContext): void | Promise<void>;
  /** Several times an epoch. */
  onProgress?(progress: Progress, run: RunContext): void | Promise<void>;
  /** After an epoch and its validation; the model has the new weights. */
  onEpoch?(record: EpochRecord, run: RunContext): void | Promise<void>;
  /** When the run was interrupted by its signal, before `fit` rejects. */
  onInterrupt?(run: RunContext): void | Promise<void>;
  /** After the last epoch. */
  onEnd?(run: RunContext): void | Promise<void>;
}
