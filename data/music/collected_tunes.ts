/** Tunes of a collection, and what can be asked of them. */
import type { AbcCheck } from "../../formats/abc/check_abc.ts";
import type { AbcTune } from "../../formats/abc/abc_tune.ts";
import type { TextClasses, TextClassesOptions } from "../text/text_class_types.ts";

/** A tune of a collection. */
export interface CollectedTune {
  /** Header and music. */
  readonly tune: AbcTune;
  /** What it is called; empty where nothing is said. */
  readonly title: string;
  /** The file that it is in. */
  readonly file: string;
  /** The kind of dance: what `R:` says in its header, else the file's name without what tells its letters (`reelsa-c` is `reels`). */
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

/** How {@linkcode dances} takes tunes: kinds of dance are the classes. */
export type DancesOptions = TextClassesOptions;

/** Tunes as texts with a class; see {@linkcode dances}. */
export type Dances = TextClasses;
