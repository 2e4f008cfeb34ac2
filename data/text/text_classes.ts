/** Texts from a folder or a table, by their classes. */
import { needFiles } from "../../engine/file_access.ts";
import type { TextClasses, TextClassesOptions } from "./text_class_types.ts";

/**
 * Texts with classes, to be told apart: a folder with a folder of text files for each class; a file of comma- or tab-separated values with
 * the columns `label` and `text`; or tunes in ABC notation, as {@linkcode dances} takes them. Fields are `tokens`, `uint8` or `int32`
 * `[N, length]`, zeros behind a text's end; `length`, how many characters of it there are; and `label`, the class, which is
 * the target. Encodings are found as {@linkcode textCorpus} finds them.
 *
 * Which part a text is in depends on what it says, so copies are in the same one.
 *
 * @throws {DataError} when there are no texts, or not two classes of them.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts ignore
 * import { data } from "@gesso/gesso";
 *
 * // letters/angry/*.txt, letters/friendly/*.txt ...
 * const { train, test, classNames, report } = await data.textClasses("letters", { length: 512 });
 * console.log(report.join("\n"), classNames);
 * ```
 */
export async function textClasses(path: string, options: TextClassesOptions = {}): Promise<TextClasses> {
  needFiles("read texts with classes", "a Dataset takes arrays from anywhere");
  const { readTextClasses } = await import("./text_class_reader.ts"); // most programs read none
  return await readTextClasses(path, options);
}
