/** Data sets of texts with classes. */
import { allocate, ndarray } from "../../engine/array.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { classes, tokens } from "../field.ts";
import { sha256 } from "../fingerprint.ts";
import type { LabelledText, TextClasses } from "./text_class_types.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Characters in fewer texts to train on are unknown. */
const FEWEST_TEXTS = 2;

/** How texts become data sets. */
export interface LabelledTextsOptions {
  readonly length: number;
  readonly validation: number;
  readonly classNames: readonly string[];
  /** That of a model that there is already; made of the texts to train on where there is none. */
  readonly vocabulary: Vocabulary | undefined;
  /** What the texts are called in messages: `tunes`. */
  readonly what: string;
  readonly attempt: string;
}

/** Two data sets of texts, and all that is known about them. */
export async function labelledTexts(
  path: string,
  all: readonly LabelledText[],
  { length, validation, classNames, what, attempt, ...given }: LabelledTextsOptions,
): Promise<TextClasses> {
  const { train, test } = await splitByText(all, validation);
  if (train.length === 0 || test.length === 0) {
    throw new DataError(path, `Cannot ${attempt}: ${all.length} ${what} are too few to train and to test`);
  }
  const vocabulary = given.vocabulary ?? vocabularyOf(train);
  const cut = all.filter(({ text }) => [...text].length > length).length;
  return {
    train: datasetOf(`${path} train`, train, classNames, vocabulary, length),
    test: datasetOf(`${path} test`, test, classNames, vocabulary, length),
    texts: { train, test },
    classNames,
    vocabulary,
    report: [
      `${train.length} ${what} to train on, ${test.length} to test by; ${cut} cut at ${length} characters`,
    ],
  };
}

/** Tokens of texts, each of `length` places, and how many of them count. */
export function encodeTexts(
  texts: readonly string[],
  vocabulary: Vocabulary,
  length: number,
): { tokens: Int32Array | Uint8Array; lengths: Int32Array } {
  const all = allocate(vocabulary.size <= 256 ? "uint8" : "int32", texts.length * length);
  const lengths = Int32Array.from(texts, (text, i) => {
    const encoded = vocabulary.encode(text).subarray(0, length);
    all.set(encoded, i * length);
    return encoded.length;
  });
  return { tokens: all, lengths };
}

function datasetOf(
  name: string,
  own: readonly LabelledText[],
  classNames: readonly string[],
  vocabulary: Vocabulary,
  length: number,
): Dataset {
  const { tokens: all, lengths } = encodeTexts(own.map(({ text }) => text), vocabulary, length);
  const dtype = all instanceof Uint8Array ? "uint8" : "int32";
  return new Dataset({
    name,
    fields: {
      tokens: tokens(ndarray(dtype, [own.length, length], all)),
      length: tokens(ndarray("int32", [own.length], lengths)),
      label: classes(ndarray("int32", [own.length], own.map(({ label }) => label)), classNames),
    },
    targets: "label",
  });
}

/** The characters that are in several texts; all others are unknown. */
function vocabularyOf(texts: readonly LabelledText[]): Vocabulary {
  const counts = new Map<string, number>();
  for (const { text } of texts) {
    for (const character of new Set(text.toWellFormed())) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  const entries = [...counts].filter(([, count]) => count >= FEWEST_TEXTS).map(([character]) => character)
    .sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  return new Vocabulary({ by: "codePoints", entries, unknown: entries.length });
}

/** By the order of hashes of texts: copies of a text are in one part. */
async function splitByText<T extends { readonly text: string }>(
  all: readonly T[],
  fraction: number,
): Promise<{ train: T[]; test: T[] }> {
  const hashes = await Promise.all(all.map(({ text }) => sha256(new TextEncoder().encode(text))));
  const limit = [...hashes].sort()[Math.round(fraction * all.length)] ?? "g"; // behind all hexadecimal digits
  return {
    train: all.filter((_, i) => hashes[i] >= limit),
    test: all.filter((_, i) => hashes[i] < limit),
  };
}
