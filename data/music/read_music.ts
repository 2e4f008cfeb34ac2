/** What can be asked of music of one's own, and what comes of it. */
import type { Skipped } from "../folder/skipped.ts";
import type { TrainValidationTest } from "./three_parts.ts";

/** How {@linkcode musicFolder} takes music. */
export interface MusicFolderOptions {
  /** Beats of a step, a beat being a quarter note; 1 when left out. */
  readonly step?: number;
  /** Longer pieces are cut into parts of so many steps; 256 when left out. */
  readonly longest?: number;
  /** Stops, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Music of one's own, as {@linkcode musicFolder} gives it. */
export interface MusicFolder extends TrainValidationTest {
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
  /** Files and tunes that were left out, each with the reason. */
  readonly skipped: readonly Skipped[];
}
