/** A run: epochs of steps, what callbacks see of them, and what is kept to go on later. */
import type { NdArray } from "../../engine/array.ts";
import { takeTurn } from "../../engine/turn.ts";
import type { Callback, RunContext } from "../callbacks/callback.ts";
import { checkResume } from "../checkpoints/check_resume.ts";
import { type Checkpoint, checksumOf, type SavedCallback } from "../checkpoints/checkpoint.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import type { Parameters } from "../step/parameters.ts";
import { validationName } from "../step/metric_names.ts";
import type { Score } from "./evaluation.ts";
import type { EpochRecord, History } from "./history.ts";
import type { Trainer } from "./trainer.ts";

/** Steps are handed over in portions of about this many seconds. */
const PORTION = 0.25;

/** What a run is, beside its trainer. */
export interface RunOptions {
  readonly callbacks: readonly Callback[];
  readonly signal?: AbortSignal;
  /** A checkpoint of a run that is defined in the same way. */
  readonly resume?: Checkpoint;
  /** What the run is defined by. */
  readonly definition: () => Promise<Record<string, unknown>>;
  /** Called when the sets of parameters have got values of this run. */
  readonly onWeights?: () => void;
}

/** One run, from its first step or a checkpoint's to its end. */
export class Run {
  readonly #trainer: Trainer;
  readonly #options: RunOptions;
  readonly #history: EpochRecord[];
  readonly #context: RunContext;
  /** How many epochs each callback has seen the end of. */
  readonly #seen: number[];
  /** The last parameters that were read and are finite, by their names as state. */
  #lastGood: Readonly<Record<string, NdArray>> | undefined;
  #step: number;
  #isEnded: boolean;
  /** Steps a second, as measured. */
  #rate = 0;

  constructor(trainer: Trainer, options: RunOptions) {
    const { callbacks, resume } = options;
    this.#trainer = trainer;
    this.#options = options;
    this.#history = [...resume?.history ?? []];
    this.#step = resume?.step ?? 0;
    this.#isEnded = resume?.isEnded ?? false;
    this.#seen = callbacks.map(() => this.#history.length);
    const { device, epochs } = trainer.options;
    const { sets, stepsPerEpoch, examplesPerEpoch } = trainer;
    this.#context = {
      parameters: Object.fromEntries(sets.map((set) => [set.name, set])),
      get model() {
        return onlyModel(sets);
      },
      device,
      summary: trainer.summary,
      epochs,
      stepsPerEpoch,
      examplesPerEpoch,
      history: this.#history,
      stop: () => this.#isEnded = true,
      checkpoint: () => this.#checkpoint(),
      lastCheckpoint: undefined,
      explain: () => trainer.explain(),
    };
  }

  async go(): Promise<History> {
    const { callbacks, resume } = this.#options;
    if (resume) await this.#resume(resume);
    for (const callback of callbacks) await callback.onStart?.(this.#context);
    if (resume) await this.#resumeCallbacks(resume);
    // Who is told of interruptions will save the run: its data is hashed while the first steps are made.
    const isSaved = callbacks.some(({ onInterrupt }) => onInterrupt);
    const hashed = isSaved ? this.#options.definition().catch(() => {}) : undefined;
    try {
      const { epochs } = this.#trainer.options;
      while (this.#history.length < epochs && !this.#isEnded) await this.#epoch();
      // A run that had nothing left to do, or was gone on from its end, still gives its weights.
      await this.#updateSets();
      for (const callback of callbacks) await callback.onEnd?.(this.#context);
      return this.#history;
    } finally {
      await hashed;
    }
  }

  async #resume(resume: Checkpoint): Promise<void> {
    const { callbacks } = this.#options;
    this.#trainer.restore(resume.tensors);
    await checkResume(resume, this.#trainer, callbacks);
    this.#trainer.updateSets(resume.tensors);
    await this.#updateSets();
  }

  /** Gives callbacks what they kept, and the end of an epoch that they had not seen when the checkpoint was made. */
  async #resumeCallbacks({ callbacks: saved = [] }: Checkpoint): Promise<void> {
    const named = [...this.#options.callbacks.entries()].filter(([, { name }]) => name !== undefined);
    for (const [place, [i, callback]] of named.entries()) {
      const { epochs, values, tensors } = saved[place];
      callback.load?.({ values, tensors });
      if (epochs === this.#history.length) continue;
      await callback.onEpoch?.(this.#history.at(-1)!, this.#context);
      this.#seen[i] = this.#history.length;
    }
  }

  async #checkpoint(): Promise<Checkpoint> {
    // All that changes is asked for at once.
    const [step, history, isEnded] = [this.#step, [...this.#history], this.#isEnded];
    const callbacks = this.#options.callbacks.flatMap(({ name }, i): SavedCallback[] => {
      if (name === undefined) return [];
      const { values = {}, tensors = {} } = this.#options.callbacks[i].save?.() ?? {};
      return [{ name, epochs: this.#seen[i], values, tensors }];
    });
    const [tensors, run] = await Promise.all([this.#trainer.save(), this.#options.definition()]);
    if (tensors.step.data[0] !== step) {
      throw new Error(
        `Cannot make a checkpoint of step ${step} while steps are made: await it in the callback`,
      );
    }
    const checkpoint: Checkpoint = { run, step, history, tensors, callbacks, isEnded };
    return { ...checkpoint, checksum: await checksumOf(checkpoint) };
  }

  /** Goes to the end of the epoch that is under way or comes next. */
  async #epoch(): Promise<void> {
    const { callbacks } = this.#options;
    const { stepsPerEpoch, examplesPerEpoch, options: { batchSize } } = this.#trainer;
    const epoch = this.#history.length;
    const begin = performance.now();
    const first = epoch * stepsPerEpoch;
    const startedAt = this.#step;
    while (this.#step < first + stepsPerEpoch) await this.#portion(first + stepsPerEpoch);
    const trained = performance.now();
    await this.#interruptIfAsked();
    // Asked for together, as each wait for a GPU takes some milliseconds.
    const [isFinite, sums, score, weights] = await Promise.all([
      this.#trainer.isFinite(),
      this.#trainer.progress(),
      this.#trainer.validate({
        signal: this.#options.signal,
        examplesPerSecond: this.#rate * batchSize || undefined,
      }),
      this.#trainer.weights(),
    ]).catch(async (error) => {
      await this.#interruptIfAsked();
      throw error;
    });
    if (!isFinite) await this.#refuseWeights();
    await this.#checkScore(score);
    this.#lastGood = weights;
    this.#trainer.updateSets(weights);
    this.#options.onWeights?.();
    const examples = Math.min((this.#step - startedAt) * batchSize, examplesPerEpoch);
    const validation = Object.entries(score ?? {}).map(([name, value]) => [validationName(name), value]);
    const record: EpochRecord = {
      epoch: epoch + 1,
      ...sums.metrics,
      ...Object.fromEntries(validation),
      seconds: (performance.now() - begin) / 1000,
      examplesPerSecond: examples / Math.max(1e-4, (trained - begin) / 1000),
    };
    this.#history.push(record);
    for (const [i, callback] of callbacks.entries()) {
      this.#seen[i] = epoch + 1;
      await callback.onEpoch?.(record, this.#context);
    }
  }

  /** Some steps, but none behind `end`. */
  async #portion(end: number): Promise<void> {
    const { stepsPerEpoch, options: { batchSize, epochs } } = this.#trainer;
    await this.#interruptIfAsked();
    // Not before: what is saved between two epochs has the sums of the one that is done.
    if (this.#step === end - stepsPerEpoch) this.#trainer.beginEpoch();
    const from = performance.now();
    const steps = Math.min(Math.max(1, Math.floor(this.#rate * PORTION)), end - this.#step);
    await this.#trainer.start(steps);
    const { metrics, firstBad } = await this.#trainer.progress();
    this.#step += steps;
    this.#rate = steps / Math.max(1e-4, (performance.now() - from) / 1000);
    if (firstBad >= 0) {
      await this.#refuse(`the loss became infinite or NaN at step ${firstBad}`, firstBad);
    }
    const done = this.#step - (end - stepsPerEpoch);
    for (const callback of this.#options.callbacks) {
      await callback.onProgress?.({
        ...metrics,
        epoch: this.#history.length + 1,
        epochs,
        step: done,
        steps: stepsPerEpoch,
        examplesPerSecond: this.#rate * batchSize,
        secondsLeft: (stepsPerEpoch - done) / this.#rate,
      }, this.#context);
    }
  }

  async #updateSets(): Promise<void> {
    this.#lastGood = await this.#trainer.weights();
    this.#trainer.updateSets(this.#lastGood);
    if (this.#step > 0) this.#options.onWeights?.();
  }

  async #interruptIfAsked(): Promise<void> {
    const { signal, callbacks } = this.#options;
    // A device that computes on this thread leaves no time for what sets the signal.
    const isAsked = await takeTurn(signal).then(() => false, () => true);
    if (!isAsked) return;
    if (!await this.#trainer.isFinite()) await this.#refuseWeights();
    await this.#updateSets();
    const errors: unknown[] = [];
    for (const callback of callbacks) {
      // Whoever cannot say something does not keep the next one from saving.
      try {
        await callback.onInterrupt?.(this.#context);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    signal!.throwIfAborted();
  }

  async #refuseWeights(): Promise<never> {
    const what = `weights became infinite or NaN in epoch ${this.#history.length + 1}`;
    return await this.#refuse(what, undefined);
  }

  /** A score that is not finite: it is for the validation data to be right, and for those who watch the score to judge it. */
  async #checkScore(score: Score | undefined): Promise<void> {
    const { validation } = this.#trainer.options;
    if (!(validation instanceof Dataset)) return;
    const wrong = Object.entries(score ?? {}).find(([, value]) => !Number.isFinite(value));
    if (!wrong) return;
    const { badExample } = await import("../not_finite/bad_example.ts");
    const bad = badExample(validation);
    if (!bad) return;
    const what = `the validation ${wrong[0]} is ${wrong[1]} in epoch ${this.#history.length + 1}`;
    throw new NotFiniteError(
      `Cannot go on training: ${what}: ${bad}`,
      undefined,
      this.#context.lastCheckpoint,
    );
  }

  async #refuse(what: string, step: number | undefined): Promise<never> {
    const saved = this.#context.lastCheckpoint;
    const { causeInTraining } = await import("../not_finite/find_cause.ts");
    const tried = step ?? Math.max(0, this.#step - 1);
    const cause = await causeInTraining(this.#trainer, tried, this.#lastGood);
    // Weights that no step has changed are not to be blamed on the steps.
    const isUntouched = this.#history.length === 0 && !this.#options.resume;
    throw new NotFiniteError(
      `Cannot go on training: ${what}` + (cause ? `: ${cause.text}` : "") +
        (cause && (cause.isData || isUntouched) ? "" : "; a lower learning rate or clipNorm may help") +
        (saved ? `; the last good checkpoint is ${saved}` : ""),
      step,
      saved,
    );
  }
}

/** The model of the set that is trained, if there is one such set; else of the only set. */
function onlyModel(sets: readonly Parameters[]): Model {
  const trained = sets.filter(({ optimizer }) => optimizer);
  const models = (trained.length > 0 ? trained : sets).flatMap(({ model }) => model ?? []);
  if (models.length === 1) return models[0];
  throw new TypeError(
    `Cannot take the model of a run that trains ${models.length}: its parameters has each set by its name`,
  );
}
