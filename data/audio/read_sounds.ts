/** What can be asked of a folder of sounds, and what comes of it. */
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
