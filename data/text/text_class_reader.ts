/** Reads texts with classes. */
import { readOptions } from "../../engine/options.ts";
import { classified, type NamedText, textClassesOptions } from "./classified_texts.ts";
import { readTable } from "./read_table.ts";
import type { TextClasses, TextClassesOptions } from "./text_class_types.ts";
import { type ReadText, readTexts } from "./text_files.ts";

/** What `textClasses` gives. */
export async function readTextClasses(path: string, options: TextClassesOptions): Promise<TextClasses> {
  const attempt = `tell the texts in ${path} apart`;
  const read = readOptions(attempt, options, textClassesOptions);
  const { texts, skipped } = await readTexts(path, undefined);
  if (texts.some(({ file }) => /\.abc(\.gz)?$/i.test(file))) {
    const { readDances } = await import("../music/dance_files.ts");
    return await readDances(path, read);
  }
  const isTable = texts.length === 1 && texts[0].file === path;
  const found = isTable ? readTable(path, texts[0].text, attempt) : inFolders(texts);
  const left = skipped.map(({ file, reason }) => `left out: ${file}, ${reason}`);
  const more = left.length > 3 ? [`left out: ${left.length - 3} more`] : [];
  return await classified(path, found, {
    ...read,
    attempt,
    what: "texts",
    advice: isTable ? "the column label names it" : "a class is a folder of text files",
    report: [...left.slice(0, 3), ...more],
  });
}

/** The class of `poems/sad/rain.txt` in `poems` is `sad`; what lies in no folder has none. */
const inFolders = (texts: readonly ReadText[]): NamedText[] =>
  texts.filter(({ file }) => file.includes("/")).map(({ file, text }) => ({
    name: file,
    text: text.trim(),
    kind: file.slice(0, file.indexOf("/")),
  }));
