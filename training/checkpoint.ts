/** Checkpoints: everything that a run needs to go on as if it had never stopped. */
import type { NdArray } from "../engine/array.ts";
import { writeAtomic } from "../data/write_atomic.ts";
import { FormatError } from "../formats/format_error.ts";
import { isObject } from "../formats/is_object.ts";
import { parseVersioned } from "../formats/versioned_json.ts";
import { encodeSafetensors, readSafetensors } from "../formats/safetensors.ts";
import type { EpochRecord } from "./history.ts";

const VERSION = 1;
const KEY = "gesso-checkpoint";

/** A run at one moment. */
export interface Checkpoint {
  /** What the run is defined by; going on with something else is refused. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Steps done. */
  readonly step: number;
  /** The records of the epochs that are done. */
  readonly history: readonly EpochRecord[];
  /** Weights, optimizer state, counters and sums. */
  readonly tensors: Readonly<Record<string, NdArray>>;
}

/** Writes a checkpoint, whole or not at all. */
export async function saveCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  options: { root?: string } = {},
): Promise<void> {
  const { run, step, history, tensors } = checkpoint;
  const text = JSON.stringify({ version: VERSION, run, step, history });
  await writeAtomic(path, encodeSafetensors({ ...tensors }, { [KEY]: text }), options);
}

/**
 * Reads a checkpoint. Needs permission to read the file.
 *
 * @throws {FormatError} when the file is not a checkpoint, or broken.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const fail = (reason: string): never => {
    throw new FormatError("checkpoint", path, reason);
  };
  const text = metadata[KEY] ?? fail("it holds no run, so it may be a model");
  const { run, step, history } = parseVersioned(text, VERSION, fail) as Partial<Checkpoint>;
  const isStep = typeof step === "number" && Number.isSafeInteger(step) && step >= 0;
  if (!isObject(run) || !isStep || !Array.isArray(history) || history.some((r) => !isObject(r))) {
    return fail("its description lacks the run, the step or the history");
  }
  return { run, step, history, tensors };
}

/** The keys in which two runs differ, with both values. */
export function differences(
  run: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(run), ...Object.keys(other)])]
    .filter((key) => JSON.stringify(run[key]) !== JSON.stringify(other[key]))
    .map((key) => `${key} is ${JSON.stringify(run[key])} instead of ${JSON.stringify(other[key])}`);
}
