/** What can be done while a model is trained: watch, stop early, keep the best weights, write things down. */
import type { Device } from "../../engine/device.ts";
import type { NdArray } from "../../engine/array.ts";
import { from, oneOf, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import type { ProgramSummary } from "../../engine/program.ts";
import type { Model } from "../../models/model.ts";
import { type Checkpoint, saveCheckpoint } from "../checkpoints/checkpoint.ts";
import { type EpochRecord, isBetter, type Monitor, monitors, watched } from "../loop/history.ts";
import type { Plain } from "../checkpoints/plain_values.ts";

/** How far an epoch is. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  /** How many there are. */
  readonly epochs: number;
  /** Steps done in this epoch. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** The mean loss over the epoch so far. */
  readonly loss: number;
  /** What part of them was right; only for classes. */
  readonly accuracy?: number;
  /** Over the last moments. */
  readonly examplesPerSecond: number;
  /** Until the end of the epoch. */
  readonly secondsLeft: number;
}

/** What callbacks can see and do. */
export interface RunContext {
  /** The model; its weights are new after each epoch, and those of the checkpoint when a run is gone on with. */
  readonly model: Model;
  /** Where the run is. */
  readonly device: Device;
  /** What a step does and needs. */
  readonly summary: ProgramSummary;
  /** The number of epochs. */
  readonly epochs: number;
  /** The number of steps of each. */
  readonly stepsPerEpoch: number;
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
 * import { type Callback, cnn, fit, shapes } from "@gesso/gesso";
 *
 * function threeStrikes(): Callback {
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

const monitorOption = optional(oneOf(monitors), "validationLoss");

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions {
  /** The figure to watch; `"validationLoss"` when left out. */
  readonly monitor?: Monitor;
  /** Epochs without a better value after which the run ends; 3 when left out. */
  readonly patience?: number;
  /** By how much a value has to be better to count; 0 when left out. */
  readonly minDelta?: number;
}

/**
 * Ends a run when a figure has stopped getting better. A run that is gone on with ends where it would have ended
 * without the break.
 *
 * @example
 * ```ts
 * import { earlyStopping } from "@gesso/gesso";
 *
 * const callbacks = [earlyStopping({ monitor: "validationAccuracy", patience: 5 })];
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor, patience, minDelta } = readOptions("make earlyStopping", options, {
    monitor: monitorOption,
    patience: optional(whole(1), 3),
    minDelta: optional(from(0), 0),
  });
  const stopIfDone = (run: RunContext) => {
    let best: number | undefined;
    let waited = 0;
    for (const record of run.history) {
      const value = watched(record, monitor);
      if (best === undefined || isBetter(monitor, value, best, minDelta)) {
        best = value;
        waited = 0;
      } else if (++waited >= patience) return run.stop();
    }
  };
  return {
    name: `earlyStopping(${monitor}, patience ${patience}, minDelta ${minDelta})`,
    onStart: stopIfDone,
    onEpoch: (_record, run) => stopIfDone(run),
  };
}

/**
 * Keeps the weights of the epoch with the best figure and gives them back to the model at the end. They are in the run's
 * checkpoints, too: a run that is gone on with ends with the weights of one without a break.
 */
export function bestWeights(options: { monitor?: Monitor } = {}): Callback {
  const { monitor } = readOptions("make bestWeights", options, { monitor: monitorOption });
  let best: { value: number; weights: Map<string, NdArray> } | undefined;
  return {
    name: `bestWeights(${monitor})`,
    onStart: () => {
      best = undefined;
    },
    onEpoch: (record, { model }) => {
      const value = watched(record, monitor);
      if (!best || isBetter(monitor, value, best.value)) {
        best = { value, weights: new Map<string, NdArray>(model.weights) };
      }
    },
    onEnd: ({ model }) => {
      for (const [name, value] of best?.weights ?? []) model.setWeight(name, value);
    },
    save: () => best ? { values: { value: best.value }, tensors: Object.fromEntries(best.weights) } : {},
    load: ({ values = {}, tensors = {} }) => {
      const { value } = values;
      best = typeof value === "number" ? { value, weights: new Map(Object.entries(tensors)) } : undefined;
    },
  };
}

/**
 * Writes a checkpoint after each epoch, and when the run is interrupted: whole or not at all, so the last good one
 * always loads. Needs permission to read and write the file's folder.
 */
export function checkpointFile(path: string, options: { root?: string } = {}): Callback {
  const save = async (run: RunContext) => {
    await saveCheckpoint(await run.checkpoint(), path, options);
    run.lastCheckpoint = path;
  };
  return { onEpoch: (_record, run) => save(run), onInterrupt: save };
}

/** Writes each epoch's record as a line of JSON. `write` gets the line with its end. */
export function jsonLog(write: (line: string) => void | Promise<void>): Callback {
  return { onEpoch: (record) => write(`${JSON.stringify(record)}\n`) };
}
