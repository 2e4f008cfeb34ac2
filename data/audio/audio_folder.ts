/** Sounds from a folder, classes by the folders in it. */
import { needFiles } from "../../engine/file_access.ts";
import type { Dataset, TrainAndTest } from "../dataset.ts";
import type { FolderReadingOptions } from "../folder/class_folder.ts";
import type { Skipped } from "../folder/skipped.ts";

/** How {@linkcode audioFolder} reads sounds. */
export interface AudioFolderOptions extends FolderReadingOptions {
  /** How long all examples are, in seconds. */
  readonly seconds: number;
  /**
   * Samples a second that all examples have, in Hz; others are resampled.
   *
   * @default {16000}
   */
  readonly rate?: number;
  /**
   * What becomes of longer sounds: `"start"` or `"middle"` is kept, or `"windows"`, one after another, become examples of their
   * own, all of them in the same part.
   *
   * @default {"start"}
   */
  readonly long?: "start" | "middle" | "windows";
  /** Which part of the sounds is to test by, above 0 and below 1; 0.2 when left out. */
  readonly validation?: number;
  /**
   * What a file belongs to, such as its speaker, by its path from the folder on: what belongs together stays in one part. Its
   * content when left out, so that copies of it do.
   */
  readonly group?: (file: string) => string;
}

/** What is known of sounds that were read, in how many parts ever. */
export interface ReadSounds {
  /** The names of the classes, in the order of their characters; none where the folder has no folders. */
  readonly classNames: readonly string[];
  /** Files and folders that were left out, each with the reason. */
  readonly skipped: readonly Skipped[];
  /** What was done to sounds, a line for each kind of change with how many there were. */
  readonly changes: readonly string[];
  /** Samples a second of all examples. */
  readonly rate: number;
}

/** What {@linkcode audioFolder} has read. */
export interface AudioFolder extends TrainAndTest, ReadSounds {}

/** What {@linkcode allSounds} has read. */
export interface AllSounds extends ReadSounds {
  /** All sounds. */
  readonly all: Dataset;
}

/**
 * Sounds from a folder: each folder in it is a class, named like it, and holds sounds of it. WAV, FLAC and MP3 files of any rate, any
 * length and any number of channels become fields `sound`, `float32` `[N, seconds * rate]`, and `label`, the class. A folder of
 * sounds alone has no classes, and gives no `label`. FLAC and MP3 files need a library, see {@linkcode decodeSound}.
 *
 * Sounds are mixed to one channel, then resampled; short ones are followed by silence. `changes` tells how many. Hidden files are
 * passed over, links are followed within the folder; what can't be read is left out and named in `skipped`.
 *
 * Needs permission to read the folder.
 *
 * @throws {DataError} when there is no such folder, none of its files is a sound, or there are too few to split.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts ignore
 * import { audioFolder } from "@gesso/gesso";
 *
 * // words/yes/*.wav, words/no/*.wav ...
 * const { train, test, classNames, changes } = await audioFolder("words", { seconds: 1 });
 * console.log(train.length, test.length, classNames, changes);
 * ```
 */
export async function audioFolder(path: string, options: AudioFolderOptions): Promise<AudioFolder> {
  const { readFolder } = await reader();
  return await readFolder(path, options);
}

/**
 * The sounds of a folder as {@linkcode audioFolder} reads them, all in one part: where others are to train on, or parts are made
 * otherwise.
 *
 * @throws {DataError} when there is no such folder, or none of its files is a sound.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 */
export async function allSounds(
  path: string,
  options: Omit<AudioFolderOptions, "validation" | "group">,
): Promise<AllSounds> {
  const { readWholeFolder } = await reader();
  return await readWholeFolder(path, options);
}

/** Most programs read no sounds. */
async function reader() {
  needFiles("read a folder of sounds", "a Dataset takes arrays from anywhere");
  return await import("./audio_folder_reader.ts");
}
