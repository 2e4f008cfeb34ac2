/** Poems of four lines, as what a network learns to write from. */
import { needFiles } from "../../engine/file_access.ts";
import type { PoemCollection, Quatrains, QuatrainsOptions } from "./poem_types.ts";

/**
 * The poems of a file, or of all files in a folder and its folders. A file has a poem a line, with tabs between author, title and
 * text, or is JSON: a list of poems, each with `author`, `title` and `paragraphs`, as collections of Chinese poetry have them.
 * Either may be a gzip file, and of any encoding that {@linkcode textCorpus} knows.
 *
 * @throws {DataError} when there are none.
 *
 * @example
 * ```ts ignore
 * import { data } from "@gesso/gesso";
 *
 * const { poems, report } = await data.poemCollection("tang-poetry");
 * console.log(report.join("\n"), poems[0].author, poems[0].lines);
 * ```
 */
export async function poemCollection(path: string): Promise<PoemCollection> {
  needFiles("read poems", "PoemCode takes lines");
  const { readPoems } = await import("./poem_reader.ts"); // most programs read none
  return await readPoems(path);
}

/**
 * Quatrains as tokens: of all poems in a file or folder those of four lines with five characters each, or with seven. Both
 * parts have the fields `tokens` and `next`, which is the token behind each, `int32` `[34]`; `next` is the target. What tokens
 * stand for is in `code`. Poems with the same first line are in the same part.
 *
 * @throws {DataError} when there are none, or too few for two parts.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 */
export async function quatrains(path: string, options: QuatrainsOptions = {}): Promise<Quatrains> {
  needFiles("read poems", "PoemCode takes lines");
  const { readQuatrains } = await import("./poem_reader.ts");
  return await readQuatrains(path, options);
}
