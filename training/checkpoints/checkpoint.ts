/** Checkpoints: everything that a run needs to go on as if it had never stopped. */
import { bytesPerElement, type NdArray } from "../../engine/array.ts";
import { needFiles } from "../../engine/file_access.ts";
import { fingerprint, sha256 } from "../../data/fingerprint.ts";
import { writeAtomic } from "../../data/storage/write_atomic.ts";
import { FormatError } from "../../formats/format_error.ts";
import { isObject } from "../../formats/json/is_object.ts";
import { parseVersioned } from "../../formats/json/versioned_json.ts";
import { encodeSafetensors, readSafetensors } from "../../formats/safetensors/safetensors.ts";
import { type EpochRecord, faultOfHistory } from "../loop/history.ts";
import { fromJson, type Plain, toJson } from "./plain_values.ts";

const VERSION = 2;
const KEY = "gesso-checkpoint";

/** What a callback has kept, with its name; see {@linkcode CallbackState}. */
export interface SavedCallback {
  /** The callback's name. */
  readonly name: string;
  /** Epochs whose end it has seen. */
  readonly epochs: number;
  /** Its plain values. */
  readonly values: Readonly<Record<string, Plain>>;
  /** Its arrays. */
  readonly tensors: Readonly<Record<string, NdArray>>;
}

/**
 * A run at one moment. It is whole or refused: one that was changed afterwards, or does not agree with itself, is not gone
 * on with.
 */
export interface Checkpoint {
  /** What the run is defined by, its data among it; going on with something else is refused. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Steps done. */
  readonly step: number;
  /** The records of the epochs that are done. */
  readonly history: readonly EpochRecord[];
  /** Weights, optimizer state, counters and sums. */
  readonly tensors: Readonly<Record<string, NdArray>>;
  /** What the callbacks that have a name keep, in their order; none when left out. */
  readonly callbacks?: readonly SavedCallback[];
  /** Whether a callback has ended the run; false when left out. */
  readonly isEnded?: boolean;
  /** Tells whether anything of it was changed since it was made. */
  readonly checksum?: string;
}

/** The description of a checkpoint in its file, but for the checksum. */
function describe({ run, step, history, callbacks = [], isEnded = false }: Checkpoint) {
  const saved = callbacks.map(({ name, epochs, values }) => ({ name, epochs, values }));
  return toJson({ version: VERSION, run, step, history, callbacks: saved, isEnded }, "the run") as Record<
    string,
    unknown
  >;
}

/** Arrays of callbacks lie beside those of the run, under names that no array of a run has. */
const prefixOf = (callback: number) => `callback/${callback}/`;

function allTensors({ tensors, callbacks = [] }: Checkpoint): Record<string, NdArray> {
  const entries = callbacks.flatMap(({ tensors }, i) =>
    Object.entries(tensors).map(([name, array]) => [prefixOf(i) + name, array] as const)
  );
  return { ...tensors, ...Object.fromEntries(entries) };
}

/** What {@linkcode Checkpoint.checksum} has to be: a hash of all the rest. */
export async function checksumOf(checkpoint: Checkpoint): Promise<string> {
  const names = Object.entries(allTensors(checkpoint)).sort(([a], [b]) => a < b ? -1 : 1);
  const prints: string[] = [];
  for (const [name, array] of names) prints.push(`${name} ${await fingerprint(array)}`);
  const text = JSON.stringify([describe(checkpoint), prints]);
  return await sha256(new TextEncoder().encode(text));
}

/** Writes a checkpoint, whole or not at all. */
export async function saveCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  options: { root?: string } = {},
): Promise<void> {
  needFiles("save a checkpoint to a file", "encodeSafetensors turns its tensors into bytes anywhere");
  const fault = faultOfCheckpoint(checkpoint);
  if (fault) throw new TypeError(`Cannot save a checkpoint to ${path}: ${fault}`);
  const checksum = checkpoint.checksum ?? await checksumOf(checkpoint);
  const text = JSON.stringify({ ...describe(checkpoint), checksum });
  await writeAtomic(path, encodeSafetensors(allTensors(checkpoint), { [KEY]: text }), options);
}

/**
 * Reads a checkpoint. Needs permission to read the file.
 *
 * @throws {FormatError} when the file is not a checkpoint, or anything in it was changed.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const fail = (reason: string): never => {
    throw new FormatError("checkpoint", path, reason);
  };
  const text = metadata[KEY] ?? fail("it holds no run, so it may be a model");
  const content = fromJson(parseVersioned(text, [VERSION], fail)) as Record<string, unknown>;
  const { checksum, callbacks = [], isEnded = false } = content;
  const { run, step, history } = content as unknown as Checkpoint;
  const isStep = typeof step === "number" && Number.isSafeInteger(step) && step >= 0;
  if (!isObject(run) || !isStep || !Array.isArray(history)) {
    return fail("its description lacks the run, the step or the history");
  }
  const fault = faultOfHistory(history);
  if (fault) fail(`its history is not one: ${fault}`);
  if (!Array.isArray(callbacks) || !callbacks.every(isSavedCallback) || typeof isEnded !== "boolean") {
    fail("its callbacks are not described as they have to be");
  }
  const all = Object.entries(tensors);
  const own = all.filter(([name]) => !name.startsWith("callback/"));
  const saved = (callbacks as SavedCallback[]).map(({ name, epochs, values }, i) => {
    const begin = prefixOf(i);
    const theirs = all.filter(([name]) => name.startsWith(begin));
    return {
      name,
      epochs,
      values,
      tensors: Object.fromEntries(theirs.map(([name, array]) => [name.slice(begin.length), array])),
    };
  });
  const checkpoint: Checkpoint = {
    run,
    step,
    history,
    tensors: Object.fromEntries(own),
    callbacks: saved,
    isEnded: isEnded as boolean,
    checksum: checksum as string,
  };
  const owned = own.length + saved.reduce((sum, { tensors }) => sum + Object.keys(tensors).length, 0);
  if (owned !== all.length) fail("it holds arrays of callbacks that it does not name");
  if (await checksumOf(checkpoint) !== checksum) {
    fail("its checksum is of other contents, so it was changed after it was written");
  }
  return checkpoint;
}

const isRecordOf = (isRight: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(isRight);

function isSavedCallback(value: unknown): boolean {
  return isObject(value) && typeof value.name === "string" && Number.isSafeInteger(value.epochs) &&
    isObject(value.values);
}

function isArray(value: unknown): boolean {
  if (!isObject(value) || !ArrayBuffer.isView(value.data) || !Array.isArray(value.shape)) return false;
  const { dtype, shape, data } = value as unknown as NdArray;
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof dtype === "string" && isShape &&
    data.byteLength === shape.reduce((a, b) => a * b, bytesPerElement(dtype));
}

/** What keeps a value from being a checkpoint at all, whatever the run; undefined if nothing does. */
export function faultOfCheckpoint(value: unknown): string | undefined {
  if (!isObject(value)) return `it is ${Array.isArray(value) ? "a list" : value}`;
  const { run, step, history, tensors, callbacks = [], isEnded = false, checksum = "" } = value;
  if (!isObject(run)) return "it has no run";
  if (typeof step !== "number") return "it has no step";
  if (!Array.isArray(history)) return "it has no history";
  if (!isRecordOf(isArray)(tensors)) return "its tensors are no arrays by name";
  const areSaved = Array.isArray(callbacks) &&
    callbacks.every((saved) => isSavedCallback(saved) && isRecordOf(isArray)(saved.tensors));
  if (!areSaved) return "what its callbacks keep is not described as it has to be";
  if (typeof isEnded !== "boolean") return `its isEnded is a ${typeof isEnded}`;
  return typeof checksum === "string" ? undefined : `its checksum is a ${typeof checksum}`;
}

/** Text that is the same for objects whose keys come in another order. */
function sorted(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) =>
      isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1)) : inner,
  );
}

/** The keys in which two runs differ, with both values. */
export function differences(
  run: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(run), ...Object.keys(other)])]
    .filter((key) => sorted(run[key]) !== sorted(other[key]))
    .map((key) => `${key} is ${JSON.stringify(run[key])} instead of ${JSON.stringify(other[key])}`);
}
