/** What has to be true of a checkpoint for a run to go on from it: all of it is checked before a step is made. */
import type { Callback } from "../callbacks/callback.ts";
import { faultOfFigures, faultOfHistory } from "../loop/history.ts";
import type { Trainer } from "../loop/trainer.ts";
import { validationName } from "../step/metric_names.ts";
import { type Checkpoint, checksumOf, differences, faultOfCheckpoint } from "./checkpoint.ts";
import { toJson } from "./plain_values.ts";
import { tracedKeys } from "./run_definition.ts";

/** Throws for what is no checkpoint at all. */
export function checkIsCheckpoint(resume: unknown): void {
  const fault = faultOfCheckpoint(resume);
  if (!fault) return;
  throw new TypeError(
    `Cannot go on from what is no checkpoint: ${fault}; ` +
      "resume takes a checkpoint, as loadCheckpoint() or a callback's run.checkpoint() gives it",
  );
}

/**
 * Throws unless a checkpoint is of this run, as far as its definition tells: some of it is known before anything is computed, all of
 * it when the step is traced.
 */
export function checkSameRun({ run }: Checkpoint, definition: Readonly<Record<string, unknown>>): void {
  const known = Object.entries(toJson(run, "run") as Record<string, unknown>)
    .filter(([key]) => Object.hasOwn(definition, key) || !tracedKeys.includes(key));
  const changed = differences(Object.fromEntries(known), definition);
  if (changed.length > 0) refuse(changed.join("; "));
}

/** Throws unless a checkpoint of this run, which the trainer goes on from, agrees with itself. */
export async function checkResume(
  resume: Checkpoint,
  trainer: Trainer,
  callbacks: readonly Callback[],
): Promise<void> {
  const fault = faultOfHistory(resume.history) ?? faultOfPlace(resume, trainer) ??
    faultOfFigures(resume.history, figuresOf(trainer)) ?? await faultOfSums(resume, trainer) ??
    faultOfCallbacks(resume, callbacks);
  if (fault) refuse(fault);
  const { checksum } = resume;
  if (checksum !== undefined && await checksumOf(resume) !== checksum) {
    refuse("its checksum is of other contents, so it was changed after it was made");
  }
}

function refuse(reason: string): never {
  throw new RangeError(`Cannot go on from this checkpoint: ${reason}`);
}

/** The figures that an epoch's record has. */
const figuresOf = ({ metrics, validationMetrics }: Trainer) => [
  ...metrics,
  ...validationMetrics.map(validationName),
];

/** Step, epochs and counters tell the same. */
function faultOfPlace(
  { step, history, tensors }: Checkpoint,
  { stepsPerEpoch, options: { epochs, seed } }: Trainer,
): string | undefined {
  const done = history.length;
  if (!Number.isSafeInteger(step) || step < 0 || step > epochs * stepsPerEpoch) {
    return `it is after step ${step} of ${epochs * stepsPerEpoch}`;
  }
  // Between the last step of an epoch and its record the epoch's end is still to come.
  const isBetween = step === (done + 1) * stepsPerEpoch;
  if (Math.floor(step / stepsPerEpoch) !== done && !isBetween) {
    return `it is after step ${step}, and its history ends with epoch ${done}, which is step ${
      done * stepsPerEpoch
    }`;
  }
  for (const [name, wanted] of [["step", step], ["seed", seed], ["firstBad", -1]] as const) {
    const found = tensors[name].data[0];
    if (found !== wanted) return `its ${name} is ${found} instead of ${wanted}`;
  }
  return undefined;
}

/** The sums of an epoch that has just ended are those of its record. */
async function faultOfSums({ step, history }: Checkpoint, trainer: Trainer): Promise<string | undefined> {
  const last = history.at(-1);
  if (!last || step !== history.length * trainer.stepsPerEpoch) return undefined;
  const { metrics } = await trainer.progress();
  const wrong = trainer.metrics.find((name) => !Object.is(metrics[name], last[name]));
  if (wrong === undefined) return undefined;
  return `its ${wrong} of epoch ${last.epoch} is ${metrics[wrong]} by its sums and ${
    last[wrong]
  } by its history`;
}

/** Every callback with a name has left something, and has seen the end of each epoch or of all but the last. */
function faultOfCallbacks(
  { callbacks = [], history }: Checkpoint,
  expected: readonly Callback[],
): string | undefined {
  const named = expected.filter(({ name }) => name !== undefined);
  for (const [i, { name }] of named.entries()) {
    const saved = callbacks[i];
    if (saved?.name !== name) return `it has nothing of the callback ${name}`;
    const missed = history.length - saved.epochs;
    if (missed !== 0 && missed !== 1) {
      return `the callback ${name} has seen ${saved.epochs} epochs of ${history.length}`;
    }
  }
  return callbacks.length > named.length
    ? `it has a callback ${callbacks[named.length].name} that the run has not`
    : undefined;
}
