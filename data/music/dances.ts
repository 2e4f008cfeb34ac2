/** Tunes in ABC notation, by the kind of dance that they are for. */
import { needFiles } from "../../engine/file_access.ts";
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

/**
 * The tunes of an ABC file, or of all `.abc` files in a folder and its folders, each looked at by {@linkcode checkAbc}.
 *
 * @throws {DataError} when there are none.
 *
 * @example
 * ```ts ignore
 * import { tuneCollection } from "@gesso/gesso";
 *
 * const { tunes, report } = await tuneCollection("nottingham-abc");
 * console.log(report.join("\n"), tunes[0].title);
 * ```
 */
export async function tuneCollection(path: string): Promise<TuneCollection> {
  needFiles("read tunes", "parseAbc takes a text");
  const { readTunes } = await import("./dance_files.ts"); // most programs read none
  return await readTunes(path);
}

/**
 * Tunes as texts, to tell kinds of dances apart: field `text` is `uint8` or `int32` tokens `[N, length]`, the music without its header
 * and without the fields and chord symbols in it, so that neither name nor meter gives the kind away; `length` is how many
 * characters of it there are, and `label` the kind, which is the target. Behind a tune's end are zeros.
 *
 * Which part a tune is in depends on its music, so copies are in the same one.
 *
 * @throws {DataError} when there are no tunes, or not two kinds of them.
 */
export async function dances(path: string, options: DancesOptions = {}): Promise<Dances> {
  needFiles("read tunes", "parseAbc takes a text");
  const { readDances } = await import("./dance_files.ts");
  return await readDances(path, options);
}
