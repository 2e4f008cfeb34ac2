/** Options of a run, whatever is trained, and how they are read: all of them before anything is computed. */
import type { Device } from "../../engine/device.ts";
import { flag, type Kind, listOf, objectThat, oneOf, signalKind, whole } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";
import { Dataset } from "../../data/dataset.ts";
import { Generated } from "../../data/generated.ts";
import { deviceKind, type DeviceName } from "../../devices/select.ts";
import type { Precision } from "../../models/precision.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import type { Callback } from "../callbacks/callback.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";

/** Options of {@linkcode train}; `fit` has them, too. */
export interface TrainOptions {
  /** Measured after each epoch. */
  readonly validation?: TrainingData;
  /** How often to go through all examples; 1 when left out. */
  readonly epochs?: number;
  /** Examples a step; 32 when left out. */
  readonly batchSize?: number;
  /** `"mixed"` keeps values between layers in half precision; `"float32"` when left out. */
  readonly precision?: Precision;
  /** Whether each epoch has an order of its own; when left out, true but with `carry`. */
  readonly shuffle?: boolean;
  /**
   * Whether a batch goes on where the one before ended: truncated back-propagation through sequences that are cut into examples,
   * such as windows side by side. With `n` steps an epoch, row `b` of a batch goes through the examples `b * n`, `b * n + 1` and
   * so on; models begin an epoch with zeros, and a step with what they handed on in the step before, without a gradient to it.
   * Examples that are left over behind the last row are left out. Validation data is gone through in the same way. False when left
   * out.
   */
  readonly carry?: boolean;
  /** Chooses order and random draws, from 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
  /** What else happens in the run, in this order. */
  readonly callbacks?: readonly Callback[];
  /**
   * Goes on from here. Everything that decides what the run gives has to be the same: data, step, options, the kind of device, and
   * the callbacks that have a name. The run then ends with the bits of one without a break.
   */
  readonly resume?: Checkpoint;
  /** Interrupts the run: callbacks may save it, then it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const precisions: readonly Precision[] = ["float32", "mixed"];

/** Whether this is data that steps can be given. */
export const isTrainingData = (value: unknown): value is TrainingData =>
  value instanceof Dataset || value instanceof Generated;

/** Data that steps can be given. */
const dataKind: Kind<TrainingData> = {
  says: "a Dataset, or what generated() gives",
  read: (value) => isTrainingData(value) ? value : undefined,
};

const hooks = ["onStart", "onProgress", "onEpoch", "onInterrupt", "onEnd"];

const callbackKind = objectThat<Callback>(
  `a callback, which is an object with functions ${hooks.join(", ")}`,
  (value) => hooks.every((name) => value[name] === undefined || typeof value[name] === "function"),
);

/** Whatever is given: what is no checkpoint is told apart by those who know what is in one. */
const resumeKind: Kind<Checkpoint> = { says: "a checkpoint", read: (value) => value as Checkpoint };

/** The options by name. */
export const runOptions = {
  validation: optional(dataKind),
  epochs: optional(whole(), 1),
  batchSize: optional(whole(1), 32),
  precision: optional(oneOf(precisions), "float32"),
  shuffle: optional(flag),
  carry: optional(flag, false),
  seed: optional(whole(0, 2 ** 32 - 1), 0),
  device: optional(deviceKind),
  callbacks: optional(listOf(callbackKind), []),
  resume: optional(resumeKind),
  signal: optional(signalKind),
};

/** Throws unless what a callback keeps can be told apart and given back. */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  for (const { name, save, load } of callbacks) {
    if ((save || load) && !(name && save && load)) {
      throw new TypeError(
        `Cannot train with a callback that keeps something, but has no ${
          name ? save ? "load" : "save" : "name"
        }: checkpoints need name, save and load`,
      );
    }
  }
}

/** Throws for more steps than can be counted. */
export function checkSteps(data: TrainingData, epochs: number, batchSize: number): void {
  const steps = Math.ceil(data.length / batchSize);
  if (epochs * steps < 2 ** 31) return;
  throw new RangeError(
    `Cannot train for ${epochs} epochs of ${steps} steps: steps are counted up to 2^31 - 1`,
  );
}
