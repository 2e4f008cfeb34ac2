/** What has to be true of a checkpoint for a run to go on from it: all of it is checked before a step is made. */
import type { Callback } from "../callbacks/callbacks.ts";
import { type Checkpoint, checksumOf, differences, faultOfCheckpoint } from "./checkpoint.ts";
import { faultOfHistory } from "../loop/history.ts";
import { toJson } from "./plain_values.ts";
import { sumIn } from "../loop/running_sum.ts";
import type { TrainerOptions } from "../loop/trainer.ts";

/** The run that is to go on. */
export interface RunToResume {
  readonly options: TrainerOptions;
  readonly stepsPerEpoch: number;
  readonly callbacks: readonly Callback[];
}

/** Throws for what is no checkpoint at all. */
export function checkIsCheckpoint(resume: unknown): void {
  const fault = faultOfCheckpoint(resume);
  if (!fault) return;
  throw new TypeError(
    `Cannot go on from what is no checkpoint: ${fault}; ` +
      "resume takes a checkpoint, as loadCheckpoint() or a callback's run.checkpoint() gives it",
  );
}

/** Throws unless a checkpoint is of this run. */
export function checkSameRun({ run }: Checkpoint, definition: Readonly<Record<string, unknown>>): void {
  const changed = differences(toJson(run, "run") as Record<string, unknown>, definition);
  if (changed.length > 0) refuse(changed.join("; "));
}

/** Throws unless a checkpoint of this run, with all arrays that it has to have, agrees with itself. */
export async function checkResume(resume: Checkpoint, run: RunToResume): Promise<void> {
  const fault = faultOfHistory(resume.history) ?? faultOfPlace(resume, run) ?? faultOfSums(resume, run) ??
    faultOfCallbacks(resume, run);
  if (fault) refuse(fault);
  const { checksum } = resume;
  if (checksum !== undefined && await checksumOf(resume) !== checksum) {
    refuse("its checksum is of other contents, so it was changed after it was made");
  }
}

function refuse(reason: string): never {
  throw new RangeError(`Cannot go on from this checkpoint: ${reason}`);
}

/** Step, epochs and counters tell the same. */
function faultOfPlace({ step, history, tensors }: Checkpoint, run: RunToResume): string | undefined {
  const { stepsPerEpoch, options: { epochs, seed } } = run;
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
function faultOfSums({ step, history, tensors }: Checkpoint, run: RunToResume): string | undefined {
  const { stepsPerEpoch, options: { data, validation } } = run;
  const last = history.at(-1);
  if (!last) return undefined;
  if ((last.validationLoss !== undefined) !== (validation !== undefined)) {
    return `its history has ${last.validationLoss === undefined ? "no " : ""}figures of validation data`;
  }
  if (step !== history.length * stepsPerEpoch) return undefined;
  for (const name of ["loss", "accuracy"] as const) {
    const sum = sumIn(tensors, name);
    const recorded = last[name];
    if (sum === undefined || recorded === undefined || sum / data.length === recorded) continue;
    return `its ${name} of epoch ${last.epoch} is ${
      sum / data.length
    } by its sums and ${recorded} by its history`;
  }
  return undefined;
}

/** Every callback with a name has left something, and has seen the end of each epoch or of all but the last. */
function faultOfCallbacks({ callbacks = [], history }: Checkpoint, run: RunToResume): string | undefined {
  const named = run.callbacks.filter(({ name }) => name !== undefined);
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
