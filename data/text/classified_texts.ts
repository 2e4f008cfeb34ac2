/** Texts by the names of their classes, as data sets of those that have enough of them. */
import { numberThat, objectThat, whole } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";
import { DataError } from "../data_error.ts";
import { labelledTexts } from "./labelled_texts.ts";
import type { LabelledText, TextClasses } from "./text_class_types.ts";
import { Vocabulary } from "./vocabulary.ts";

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
  vocabulary: optional(objectThat<Vocabulary>("a Vocabulary", (value) => value instanceof Vocabulary)),
};

/** The same with their values, and what else there is to know. */
export interface ClassifiedOptions {
  readonly length: number;
  readonly validation: number;
  readonly fewest: number;
  readonly vocabulary: Vocabulary | undefined;
  readonly attempt: string;
  /** What the texts are called in messages: `tunes`. */
  readonly what: string;
  /** What makes a class. */
  readonly advice: string;
  /** Lines in front of those about classes. */
  readonly report: readonly string[];
}

/** Data sets of texts whose classes have enough of them, with what was found. */
export async function classified(
  path: string,
  found: readonly NamedText[],
  { what, advice, fewest, report, ...options }: ClassifiedOptions,
): Promise<TextClasses> {
  const { attempt } = options;
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
  const result = await labelledTexts(path, kept, { ...options, classNames, what });
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
