/** Tunes in ABC notation, by the kind of dance that they are for. */
import { needFiles } from "../../engine/file_access.ts";
import type { Dances, DancesOptions, TuneCollection } from "./collected_tunes.ts";

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
 * Tunes as texts, to tell kinds of dances apart: field `tokens` is `uint8` or `int32` tokens `[N, length]`, the music without its header
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
