/** Tunes of a collection, and what can be asked of them. */
import type { AbcCheck } from "../../formats/abc/check_abc.ts";
import type { AbcTune } from "../../formats/abc/abc_tune.ts";
import type { TrainAndTest } from "../dataset.ts";
import type { Vocabulary } from "../text/vocabulary.ts";

/** A tune of a collection. */
export interface CollectedTune {
  /** Header and music. */
  readonly tune: AbcTune;
  /** What it is called; empty where nothing is said. */
  readonly title: string;
  /** The file that it is in. */
  readonly file: string;
  /** The kind of dance: the file's name without what tells its letters (`reelsa-c` is `reels`). */
  readonly kind: string;
  /** Whether its music can be read, and its bars are full. */
  readonly check: AbcCheck;
}

/** A collection of tunes. */
export interface TuneCollection {
  /** The tunes, by file and place. */
  readonly tunes: readonly CollectedTune[];
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
}

/** How {@linkcode dances} takes tunes. */
export interface DancesOptions {
  /** Characters of a tune: longer ones are cut there, 512 when left out. */
  readonly length?: number;
  /** Which part of the tunes is to test by, above 0 and below 1; 0.2 when left out. */
  readonly validation?: number;
  /** Kinds with fewer tunes are left out; 10 when left out. */
  readonly fewest?: number;
}

/** Tunes as texts with a class; see {@linkcode dances}. */
export interface Dances extends TrainAndTest {
  /** The kinds of dance, in the order of their characters. */
  readonly classNames: readonly string[];
  /** The characters that tunes are written in. */
  readonly vocabulary: Vocabulary;
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
}
