/** A text, or many, as one stream of tokens that windows look into. */
import { needFiles } from "../../engine/file_access.ts";
import type { TextCorpus, TextCorpusOptions, TextSource } from "./corpus_types.ts";

/**
 * A text as windows of tokens, with what comes next behind each: what a network learns to write from. A file may be UTF-8 or
 * UTF-16 with or without a byte order mark, GB18030 or windows-1252, and be a gzip file of such a text; which was found is
 * in `report`. Of a folder, all texts in it and its folders are joined by their names, with a boundary token between two.
 *
 * The whole text is one stream, `uint8` up to 256 tokens and `int32` above, which windows and both parts look into without a
 * copy. Tokens are in the order of their characters; words, of their frequency.
 *
 * Needs permission to read the path.
 *
 * @throws {DataError} when there is no such file or folder, it has no text, or is too short for a window in both parts.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data } from "@gesso/gesso";
 *
 * const { vocabulary, train, validation } = await data.textCorpus({ text: "hello world, hello" }, {
 *   length: 4,
 *   stride: 1,
 *   validation: 0.4,
 * });
 * assertEquals([vocabulary.size, train.length, validation.length], [9, 6, 4]);
 * const { tokens, next } = train.example(0).fields;
 * assertEquals([vocabulary.decode(tokens.data), vocabulary.decode(next.data)], ["hell", "ello"]);
 * ```
 *
 * @example
 * ```ts ignore
 * const corpus = await textCorpus("shakespeare.txt", { length: 64 });
 * console.log(corpus.report.join("\n"));
 * ```
 */
export async function textCorpus(source: TextSource, options: TextCorpusOptions): Promise<TextCorpus> {
  if (typeof source === "string") {
    needFiles(`read the text in ${source}`, "textCorpus({ text }) takes a text");
  }
  const { readCorpus } = await import("./corpus_reader.ts"); // most programs read none
  return await readCorpus(source, options);
}
