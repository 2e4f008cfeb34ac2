/** Training a model on a data set. */
import type { Device } from "../engine/device.ts";
import { type DeviceName, selectDevice } from "../devices/select.ts";
import type { Dataset } from "../data/dataset.ts";
import { describeModel } from "../models/model_description.ts";
import type { Model } from "../models/model.ts";
import type { Precision } from "../models/precision.ts";
import type { Augmentation } from "./augment.ts";
import type { Callback, RunContext } from "./callbacks.ts";
import { type Checkpoint, differences } from "./checkpoint.ts";
import { checkFit } from "./check_fit.ts";
import type { EpochRecord, History } from "./history.ts";
import { defaultLoss, type LossName } from "./losses.ts";
import type { Optimizer } from "./optimizer.ts";
import { adam } from "./optimizers.ts";
import { Trainer } from "./trainer.ts";

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
  /** Goes on from here. Everything that defines the run has to be the same. */
  readonly resume?: Checkpoint;
  /** Interrupts the run: callbacks may save it, then `fit` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The loss or the weights became infinite or NaN. */
export class NotFiniteError extends Error {
  /** Always `"NotFiniteError"`. */
  override name = "NotFiniteError";
  /** The step at which it was seen first, from 0; undefined when only the weights show it. */
  readonly step: number | undefined;
  /** The last checkpoint that was written, if any. */
  readonly checkpoint: string | undefined;

  /** @ignore */
  constructor(message: string, step: number | undefined, checkpoint: string | undefined) {
    super(message);
    this.step = step;
    this.checkpoint = checkpoint;
  }
}

/** Steps are handed over in portions of about this many seconds. */
const PORTION = 0.25;

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
  const { epochs = 1, shuffle = true, seed = 0, labelSmoothing = 0, augmentation = {}, signal, resume } =
    options;
  const { precision = "float32" } = options;
  const { optimizer = adam(), validation, clipNorm, callbacks = [] } = options;
  const batchSize = Math.min(options.batchSize ?? 32, data.length);
  const loss = options.loss ?? defaultLoss(data.targets);
  checkFit(model, data, {
    ...options,
    epochs,
    batchSize: options.batchSize ?? 32,
    seed,
    loss,
    labelSmoothing,
    precision,
  });
  signal?.throwIfAborted();
  const definition = {
    model: { ...describeModel(model), info: undefined },
    examples: data.length,
    epochs,
    batchSize,
    optimizer: optimizer.description,
    loss,
    labelSmoothing,
    clipNorm,
    augmentation,
    shuffle,
    seed,
    precision,
  };
  if (resume) {
    const changed = differences(resume.run, JSON.parse(JSON.stringify(definition)));
    if (changed.length > 0) throw new RangeError(`Cannot go on from this checkpoint: ${changed.join("; ")}`);
  }
  const chosen = options.device;
  const isOwn = chosen === undefined || typeof chosen === "string";
  const device = isOwn ? (await selectDevice(chosen)).device : chosen;
  try {
    const trainer = await Trainer.create({
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
    });
    try {
      model.info = {
        ...model.info,
        scale: data.scale,
        classNames: data.classNames,
        dataset: data.name,
        seed,
      };
      return await new Run(trainer, definition, callbacks, signal, resume).go();
    } finally {
      trainer.close();
    }
  } finally {
    if (isOwn) device.close();
  }
}

class Run {
  readonly #trainer: Trainer;
  readonly #callbacks: readonly Callback[];
  readonly #signal: AbortSignal | undefined;
  readonly #history: EpochRecord[];
  readonly #context: RunContext;
  #step: number;
  #isStopped = false;
  /** Steps a second, as measured. */
  #rate = 0;

  constructor(
    trainer: Trainer,
    definition: Readonly<Record<string, unknown>>,
    callbacks: readonly Callback[],
    signal: AbortSignal | undefined,
    resume: Checkpoint | undefined,
  ) {
    this.#trainer = trainer;
    this.#callbacks = callbacks;
    this.#signal = signal;
    this.#history = [...resume?.history ?? []];
    this.#step = resume?.step ?? 0;
    if (resume) trainer.restore(resume.tensors);
    const { model, device, epochs } = trainer.options;
    this.#context = {
      model,
      device,
      summary: trainer.summary,
      epochs,
      stepsPerEpoch: trainer.stepsPerEpoch,
      history: this.#history,
      stop: () => this.#isStopped = true,
      checkpoint: async () => ({
        run: definition,
        step: this.#step,
        history: [...this.#history],
        tensors: await trainer.save(),
      }),
      lastCheckpoint: undefined,
      explain: () => trainer.explain(),
    };
  }

  async go(): Promise<History> {
    const { epochs } = this.#trainer.options;
    const { stepsPerEpoch } = this.#trainer;
    for (const callback of this.#callbacks) await callback.onStart?.(this.#context);
    for (let epoch = Math.floor(this.#step / stepsPerEpoch); epoch < epochs && !this.#isStopped; epoch++) {
      await this.#epoch(epoch);
    }
    // A run that had nothing left to do, or was gone on from its end, still gives its weights.
    this.#trainer.updateModel(await this.#trainer.weights());
    for (const callback of this.#callbacks) await callback.onEnd?.(this.#context);
    return this.#history;
  }

  async #epoch(epoch: number): Promise<void> {
    const { data, batchSize } = this.#trainer.options;
    const { stepsPerEpoch } = this.#trainer;
    const begin = performance.now();
    const first = epoch * stepsPerEpoch;
    if (this.#step === first) this.#trainer.beginEpoch();
    const startedAt = this.#step;
    let last: Awaited<ReturnType<Trainer["progress"]>>;
    do {
      await this.#interruptIfAsked(epoch);
      const from = performance.now();
      const portion = Math.max(1, Math.floor(this.#rate * PORTION));
      const steps = Math.min(portion, first + stepsPerEpoch - this.#step);
      this.#trainer.start(steps);
      last = await this.#trainer.progress();
      this.#step += steps;
      this.#rate = steps / Math.max(1e-4, (performance.now() - from) / 1000);
      if (last.firstBad >= 0) {
        this.#refuse(`the loss became infinite or NaN at step ${last.firstBad}`, last.firstBad);
      }
      const done = this.#step - first;
      const seen = Math.min(done * batchSize, data.length);
      for (const callback of this.#callbacks) {
        await callback.onProgress?.({
          epoch: epoch + 1,
          epochs: this.#trainer.options.epochs,
          step: done,
          steps: stepsPerEpoch,
          loss: last.loss / seen,
          ...last.accuracy !== undefined && { accuracy: last.accuracy / seen },
          examplesPerSecond: this.#rate * batchSize,
          secondsLeft: (stepsPerEpoch - done) / this.#rate,
        }, this.#context);
      }
    } while (this.#step < first + stepsPerEpoch);
    const trained = performance.now();
    // Asked for together, as each wait for a GPU takes some milliseconds.
    const [isFinite, score, weights] = await Promise.all([
      this.#trainer.isFinite(),
      this.#trainer.validate(),
      this.#trainer.weights(),
    ]);
    if (!isFinite) this.#refuseWeights(epoch);
    this.#trainer.updateModel(weights);
    const examples = Math.min((this.#step - startedAt) * batchSize, data.length);
    const record: EpochRecord = {
      epoch: epoch + 1,
      loss: last.loss / data.length,
      ...last.accuracy !== undefined && { accuracy: last.accuracy / data.length },
      ...score && { validationLoss: score.loss },
      ...score?.accuracy !== undefined && { validationAccuracy: score.accuracy },
      seconds: (performance.now() - begin) / 1000,
      examplesPerSecond: examples / ((trained - begin) / 1000),
    };
    this.#history.push(record);
    for (const callback of this.#callbacks) await callback.onEpoch?.(record, this.#context);
  }

  async #interruptIfAsked(epoch: number): Promise<void> {
    if (!this.#signal) return;
    // A device that computes on this thread leaves no time for what sets the signal.
    await new Promise((done) => setTimeout(done));
    if (!this.#signal.aborted) return;
    if (!await this.#trainer.isFinite()) this.#refuseWeights(epoch);
    this.#trainer.updateModel(await this.#trainer.weights());
    for (const callback of this.#callbacks) await callback.onInterrupt?.(this.#context);
    this.#signal.throwIfAborted();
  }

  #refuseWeights(epoch: number): never {
    this.#refuse(`weights became infinite or NaN in epoch ${epoch + 1}`, undefined);
  }

  #refuse(what: string, step: number | undefined): never {
    const saved = this.#context.lastCheckpoint;
    throw new NotFiniteError(
      `Cannot go on training: ${what}; a lower learning rate or clipNorm may help` +
        (saved ? `; the last good checkpoint is ${saved}` : ""),
      step,
      saved,
    );
  }
}
