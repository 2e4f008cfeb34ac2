/** A run of `fit`: epochs of steps, what callbacks see of them, and what is kept to go on later. */
import { takeTurn } from "../../engine/turn.ts";
import type { EpochRecord, History } from "./history.ts";
import type { Callback, RunContext } from "../callbacks/callbacks.ts";
import { checkResume } from "../checkpoints/check_resume.ts";
import { type Checkpoint, checksumOf, type SavedCallback } from "../checkpoints/checkpoint.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import type { Score } from "./evaluation.ts";
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
  /** Writes into the model what it was trained on; called when it gets weights. */
  readonly mark: () => void;
}

/** One run, from its first step or a checkpoint's to its end. */
export class Run {
  readonly #trainer: Trainer;
  readonly #options: RunOptions;
  readonly #history: EpochRecord[];
  readonly #context: RunContext;
  /** How many epochs each callback has seen the end of. */
  readonly #seen: number[];
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
    const { model, device, epochs } = trainer.options;
    this.#context = {
      model,
      device,
      summary: trainer.summary,
      epochs,
      stepsPerEpoch: trainer.stepsPerEpoch,
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
      await this.#updateModel();
      for (const callback of callbacks) await callback.onEnd?.(this.#context);
      return this.#history;
    } finally {
      await hashed;
    }
  }

  async #resume(resume: Checkpoint): Promise<void> {
    const { stepsPerEpoch, options } = this.#trainer;
    const { callbacks } = this.#options;
    this.#trainer.restore(resume.tensors);
    await checkResume(resume, { options, stepsPerEpoch, callbacks });
    await this.#updateModel();
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
    const { stepsPerEpoch, options: { data, batchSize } } = this.#trainer;
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
    this.#trainer.updateModel(weights);
    this.#options.mark();
    const examples = Math.min((this.#step - startedAt) * batchSize, data.length);
    const record: EpochRecord = {
      epoch: epoch + 1,
      loss: sums.loss / data.length,
      ...sums.accuracy !== undefined && { accuracy: sums.accuracy / data.length },
      ...score && { validationLoss: score.loss },
      ...score?.accuracy !== undefined && { validationAccuracy: score.accuracy },
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
    const { stepsPerEpoch, options: { data, batchSize, epochs } } = this.#trainer;
    await this.#interruptIfAsked();
    // Not before: what is saved between two epochs has the sums of the one that is done.
    if (this.#step === end - stepsPerEpoch) this.#trainer.beginEpoch();
    const from = performance.now();
    const steps = Math.min(Math.max(1, Math.floor(this.#rate * PORTION)), end - this.#step);
    this.#trainer.start(steps);
    const { loss, accuracy, firstBad } = await this.#trainer.progress();
    this.#step += steps;
    this.#rate = steps / Math.max(1e-4, (performance.now() - from) / 1000);
    if (firstBad >= 0) {
      await this.#refuse(`the loss became infinite or NaN at step ${firstBad}`, firstBad);
    }
    const done = this.#step - (end - stepsPerEpoch);
    const seen = Math.min(done * batchSize, data.length);
    for (const callback of this.#options.callbacks) {
      await callback.onProgress?.({
        epoch: this.#history.length + 1,
        epochs,
        step: done,
        steps: stepsPerEpoch,
        loss: loss / seen,
        ...accuracy !== undefined && { accuracy: accuracy / seen },
        examplesPerSecond: this.#rate * batchSize,
        secondsLeft: (stepsPerEpoch - done) / this.#rate,
      }, this.#context);
    }
  }

  async #updateModel(): Promise<void> {
    this.#trainer.updateModel(await this.#trainer.weights());
    if (this.#step > 0) this.#options.mark();
  }

  async #interruptIfAsked(): Promise<void> {
    const { signal, callbacks } = this.#options;
    // A device that computes on this thread leaves no time for what sets the signal.
    const isAsked = await takeTurn(signal).then(() => false, () => true);
    if (!isAsked) return;
    if (!await this.#trainer.isFinite()) await this.#refuseWeights();
    await this.#updateModel();
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
    if (!score || Number.isFinite(score.loss)) return;
    const { badExample } = await import("../not_finite/find_cause.ts");
    const bad = badExample(validation!);
    if (!bad) return;
    const what = `the validation loss is ${score.loss} in epoch ${this.#history.length + 1}`;
    throw new NotFiniteError(
      `Cannot go on training: ${what}: ${bad}`,
      undefined,
      this.#context.lastCheckpoint,
    );
  }

  async #refuse(what: string, step: number | undefined): Promise<never> {
    const saved = this.#context.lastCheckpoint;
    const { causeInTraining } = await import("../not_finite/find_cause.ts");
    const cause = await causeInTraining(this.#trainer.options, step ?? Math.max(0, this.#step - 1));
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
