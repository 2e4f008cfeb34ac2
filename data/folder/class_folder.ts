/** Data sets of a folder whose folders are classes: each file becomes an example, or several. */
import { allocate, checkType, ndarray } from "../../engine/array.ts";
import { takeTurn } from "../../engine/turn.ts";
import { DataError } from "../data_error.ts";
import { Dataset, type TrainAndTest } from "../dataset.ts";
import { classes, type Field, numbers } from "../field.ts";
import { rangeOf } from "../field_parts.ts";
import { type ClassFiles, listClassFiles } from "./class_files.ts";
import { withoutEmptyClasses } from "./class_names.ts";
import { type ReadFile, reorder, splitByHash } from "./content_split.ts";
import { type FileKind, readFile } from "./read_file.ts";
import type { Skipped } from "./skipped.ts";

/** Others get their turn after so many milliseconds. */
const TURN = 50;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** What is in a folder, and what examples are made of it. */
export interface FolderKind {
  /** What its files are, for messages: `pictures`. */
  readonly what: string;
  /** One of them: `picture`. */
  readonly one: string;
  /** What the field is called that they become. */
  readonly field: string;
  /** The element type of the field. */
  readonly dtype: "uint8" | "float32";
  /** The shape of an example. */
  readonly shape: readonly number[];
  /** Which files are read. */
  readonly files: FileKind;
  /** The examples in a file, each as many elements as the shape says, or why there are none. */
  examplesIn(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<string | readonly ArrayLike<number>[]>;
  /** What a file has to stay together with, in one part; its content when left out. */
  groupOf?(file: string): string;
}

/** How far reading is. */
export interface FolderProgress {
  /** Files that were looked at. */
  readonly files: number;
  /** All files. */
  readonly total: number;
  /** Files and folders that were left out so far. */
  readonly skipped: number;
}

/** How reading is followed. */
export interface FolderReadingOptions {
  /** Called now and then. */
  readonly onProgress?: (progress: FolderProgress) => void;
  /** Stops, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What was read of a folder. */
export interface ClassFolder {
  /** The names of the classes, in the order of their characters; none where the folder has no folders. */
  readonly classNames: readonly string[];
  /** Files and folders that were left out, each with the reason. */
  readonly skipped: readonly Skipped[];
  /** The file that each example is from. */
  readonly files: readonly ReadFile[];
  /** All examples in this order, in parts of these sizes; to be called once. */
  partsOf(order: readonly number[], parts: readonly [name: string, length: number][]): Dataset[];
}

/** Reads all files, or those `known`, one after another, so that memory is that of the result and of one file. */
export async function readClassFolder(
  path: string,
  kind: FolderKind,
  options: FolderReadingOptions,
  known?: ClassFiles,
): Promise<ClassFolder> {
  const { what, field, dtype, shape } = kind;
  options.signal?.throwIfAborted();
  const listed = known ?? await listClassFiles(path, what);
  const { values, files, skipped } = await readAll(path, listed, kind, options);
  if (files.length === 0) {
    const [{ file, reason }] = skipped;
    throw new DataError(path, `Cannot take the ${what} in ${path}: none can be read; ${file}: ${reason}`);
  }
  const { labels, classNames } = withoutEmptyClasses(files, listed.classNames, skipped, what);
  const partsOf: ClassFolder["partsOf"] = (order, parts) => {
    reorder(values, sizeOf(shape), order);
    const all = ndarray(dtype, [order.length, ...shape], values);
    let end = 0;
    return parts.map(([name, length]) => {
      const start = end;
      end += length;
      const fields: Record<string, Field> = { [field]: numbers(rangeOf(all, start, end)) };
      const own = order.slice(start, end).map((i) => labels[i]);
      const type = classNames.length <= 256 ? "uint8" : "int32";
      if (classNames.length > 0) fields.label = classes(ndarray(type, [own.length], own), classNames);
      return new Dataset({ fields, targets: classNames.length > 0 ? "label" : [], name: `${path} ${name}` });
    });
  };
  return { files, partsOf, classNames, skipped };
}

/**
 * A part to train on, and one to test by.
 *
 * @throws {DataError} when there are too few files.
 */
export function trainAndTest(
  path: string,
  { what, one }: FolderKind,
  { files, partsOf }: ClassFolder,
  validation: number,
): TrainAndTest {
  const split = splitByHash(files, validation);
  if (!split) {
    throw new DataError(
      path,
      `Cannot take the ${what} in ${path}: to train and to test, two different ${what} of a class are needed; there ${
        files.length === 1 ? `is one ${one}` : `are ${files.length}`
      }`,
    );
  }
  const [train, test] = partsOf([...split.train, ...split.test], [
    ["train", split.train.length],
    ["test", split.test.length],
  ]);
  return { train, test };
}

async function readAll(
  path: string,
  { files: listed, skipped: known }: ClassFiles,
  { what, dtype, shape, files: fileKind, examplesIn, groupOf }: FolderKind,
  { onProgress, signal }: FolderReadingOptions,
): Promise<{ values: Uint8Array | Float32Array; files: ReadFile[]; skipped: Skipped[] }> {
  const { createHash } = await import("node:crypto"); // loaded when used, as it takes some 30 ms
  const size = sizeOf(shape);
  const checkCount = (count: number) =>
    checkType(`take the ${listed.length} ${what} in ${path}`, { dtype, shape: [count, ...shape] });
  checkCount(listed.length);
  let values = allocate(dtype, listed.length * size);
  const files: ReadFile[] = [];
  const skipped = [...known];
  let turn = performance.now();
  for (const [i, { file, label }] of listed.entries()) {
    const bytes = readFile(`${path}/${file}`, fileKind);
    const examples = typeof bytes === "string" ? bytes : await examplesIn(bytes, file);
    if (typeof examples === "string" || typeof bytes === "string") {
      skipped.push({ file, reason: `${examples}` });
    } else {
      const count = files.length + examples.length;
      if (count * size > values.length) {
        const room = Math.max(count, 2 * listed.length, Math.ceil(1.5 * files.length));
        checkCount(room);
        const more = allocate(dtype, room * size);
        more.set(values);
        values = more;
      }
      const hash = createHash("sha256").update(groupOf ? groupOf(file) : bytes).digest("hex");
      for (const example of examples) {
        values.set(example, files.length * size);
        files.push({ file, label, hash });
      }
    }
    if (performance.now() - turn < TURN) continue;
    onProgress?.({ files: i + 1, total: listed.length, skipped: skipped.length });
    await takeTurn(signal);
    turn = performance.now();
  }
  onProgress?.({ files: listed.length, total: listed.length, skipped: skipped.length });
  return { values: values.subarray(0, files.length * size), files, skipped };
}
