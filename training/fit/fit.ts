/** Training a model on a data set: what is asked for, and the device. `run.ts` is the run itself. */
import type { Device } from "../../engine/device.ts";
import { type DeviceName, selectDevice } from "../../devices/select.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import type { Precision } from "../../models/precision.ts";
import type { Augmentation } from "./augment.ts";
import type { Callback } from "../callbacks/callbacks.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { checkCallbacks, checkFit, checkKinds } from "./check_fit.ts";
import { checkIsCheckpoint, checkSameRun } from "../checkpoints/check_resume.ts";
import type { History } from "../loop/history.ts";
import { defaultLoss, type LossName } from "../losses/losses.ts";
import { readFitOptions } from "./fit_options.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { adam } from "../optimizers/optimizers.ts";
import { markTrained } from "./preprocessing.ts";
import { Run } from "../loop/run.ts";
import { defineRun } from "../checkpoints/run_definition.ts";
import { Trainer, type TrainerOptions } from "../loop/trainer.ts";

export { NotFiniteError } from "../not_finite/not_finite_error.ts";

/** Options of {@linkcode fit}. */
export interface FitOptions {
  /** Judged after each epoch. */
  readonly validation?: Dataset;
  /** How often to go through all examples; 1 when left out. */
  readonly epochs?: number;
  /** Examples a step; 32 when left out. */
  readonly batchSize?: number;
  /** `adam()` when left out. */
  readonly optimizer?: Optimizer;
  /** `"softmaxCrossEntropy"` for class indices and `"meanSquaredError"` for numbers when left out. */
  readonly loss?: LossName;
  /** What part of the probability is spread over all classes; 0 when left out. */
  readonly labelSmoothing?: number;
  /** The largest norm that all gradients together may have. */
  readonly clipNorm?: number;
  /** Random changes to images. */
  readonly augmentation?: Augmentation;
  /** `"mixed"` keeps values between layers in half precision; `"float32"` when left out. */
  readonly precision?: Precision;
  /** Whether each epoch has an order of its own; true when left out. */
  readonly shuffle?: boolean;
  /** Chooses order, dropout and augmentation, from 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
  /** What else happens in the run, in this order. */
  readonly callbacks?: readonly Callback[];
  /**
   * Goes on from here. Everything that decides what the run gives has to be the same: data, model, options, the kind of device, and
   * the callbacks that have a name. The run then ends with the bits of one without a break.
   */
  readonly resume?: Checkpoint;
  /** Interrupts the run: callbacks may save it, then `fit` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a model: the weights of `model` are replaced.
 *
 * The data goes to the device once; batches, shuffling and augmentation are made there, and each step is one planned
 * program. The same seed, device and data give the same weights, bit for bit.
 *
 * @throws {TypeError | RangeError} when data, model and options do not fit together; before anything is computed.
 * @throws {NotFiniteError} when the loss or a weight becomes infinite or NaN.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { cnn, fit, shapes } from "@gesso/gesso";
 *
 * const { train, test } = shapes({ train: 256, test: 64 });
 * const history = await fit(cnn(), train, { validation: test, epochs: 1, device: "cpu" });
 * assert(history[0].loss < 2.5);
 * ```
 */
export async function fit(model: Model, data: Dataset, options: FitOptions = {}): Promise<History> {
  checkKinds("train", model, data);
  const read = readFitOptions(options);
  const { epochs, shuffle, seed, labelSmoothing, augmentation, signal, resume, precision } = read;
  const { optimizer = adam(), validation, clipNorm, callbacks, device: chosen } = read;
  const { loss = defaultLoss(data.targets) } = read;
  const batchSize = Math.min(read.batchSize, data.length);
  checkFit(model, data, { validation, epochs, batchSize, loss, labelSmoothing });
  checkCallbacks(callbacks);
  if (resume !== undefined) checkIsCheckpoint(resume);
  signal?.throwIfAborted();
  const isOwn = chosen === undefined || typeof chosen === "string";
  const device = isOwn ? (await selectDevice(chosen)).device : chosen;
  const settled: TrainerOptions = {
    device,
    model,
    data,
    validation,
    epochs,
    batchSize,
    optimizer,
    loss,
    labelSmoothing,
    clipNorm,
    augmentation,
    shuffle,
    seed,
    precision,
  };
  try {
    let defined: Promise<Record<string, unknown>> | undefined;
    const definition = () => defined ??= defineRun(settled, callbacks);
    if (resume) checkSameRun(resume, await definition());
    const trainer = await Trainer.create({ ...settled, signal });
    const mark = () => markTrained(model, data, seed);
    try {
      return await new Run(trainer, { callbacks, signal, resume, definition, mark }).go();
    } finally {
      trainer.close();
    }
  } finally {
    if (isOwn) device.close();
  }
}
