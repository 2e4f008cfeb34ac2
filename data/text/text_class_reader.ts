/** Reads texts with classes. */
import { numberThat, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { DataError } from "../data_error.ts";
import { labelledTexts } from "./labelled_texts.ts";
import { readTable } from "./read_table.ts";
import type { LabelledText, TextClasses, TextClassesOptions } from "./text_class_types.ts";
import { type ReadText, readTexts } from "./text_files.ts";

/** A text and the name of its class. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
  readonly kind: string;
}

/** How texts are taken, as they are read. */
export const textClassesOptions = {
  length: optional(whole(1), 256),
  validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.2),
  fewest: optional(whole(2), 10),
};

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

/** Data sets of texts whose classes have enough of them, with what was found. */
export async function classified(
  path: string,
  found: readonly NamedText[],
  { attempt, what, advice, fewest, length, validation, report }: {
    readonly attempt: string;
    readonly what: string;
    readonly advice: string;
    readonly fewest: number;
    readonly length: number;
    readonly validation: number;
    readonly report: readonly string[];
  },
): Promise<TextClasses> {
  const given = found.filter(({ text }) => text !== "");
  const counts = new Map<string, number>();
  for (const { kind } of given) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const classNames = [...counts].filter(([, count]) => count >= fewest).map(([kind]) => kind).sort();
  if (classNames.length < 2) {
    throw new DataError(
      path,
      `Cannot ${attempt}: two classes with ${fewest} ${what} each are needed, and there ` +
        `${classNames.length === 0 ? "is none" : `is one, ${classNames[0]}`}; ${advice}`,
    );
  }
  const kept = given.filter(({ kind }) => classNames.includes(kind)).map((
    { name, text, kind },
  ): LabelledText => ({
    name,
    text,
    label: classNames.indexOf(kind),
  }));
  const left = [...counts].filter(([kind]) => !classNames.includes(kind)).map(([kind, count]) =>
    `${kind} ${count}`
  );
  const result = await labelledTexts(path, kept, { length, validation, classNames, what, attempt });
  return {
    ...result,
    report: [
      ...report,
      `${classNames.map((kind) => `${kind} ${counts.get(kind)}`).join(", ")}` +
      (left.length > 0 ? `; left out, as there are fewer than ${fewest}: ${left.join(", ")}` : ""),
      ...result.report,
    ],
  };
}
