/** Makes one stream of texts, and data sets that look into it. */
import { allocate, type NdArray, ndarray } from "../../engine/array.ts";
import { either, listOf, numberThat, objectThat, oneOf, text, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue, required } from "../../engine/options.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { tokens as tokensOf } from "../field.ts";
import { windows } from "../windows.ts";
import { corpusReport } from "./corpus_report.ts";
import { countEntries } from "./count_entries.ts";
import { countLineEnds, withLineFeeds } from "./line_ends.ts";
import type { TextCorpus, TextCorpusOptions, TextFileReport, TextSource } from "./corpus_types.ts";
import { textEncodings } from "./text_encoding.ts";
import { readTexts, type SkippedText } from "./text_files.ts";
import { textUnits } from "./text_units.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Kernels count places in 31 bits. */
const MOST_TOKENS = 2 ** 31 - 1;

const corpusOptions = {
  by: optional(oneOf(textUnits)),
  length: required(whole(1)),
  stride: optional(whole(1)),
  validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.1),
  lineEnds: optional(oneOf(["lf", "keep"]), "lf"),
  most: optional(whole(1)),
  vocabulary: optional(objectThat<Vocabulary>("a Vocabulary", (value) => value instanceof Vocabulary)),
  encoding: optional(oneOf(textEncodings)),
};

const sourceKind = either(
  text,
  objectThat<{ text: string | string[] }>(
    "the path of a file or folder, or { text }",
    (value) => either(text, listOf(text)).read(value.text) !== undefined,
  ),
);

/** What `textCorpus` gives. */
export async function readCorpus(source: TextSource, options: TextCorpusOptions): Promise<TextCorpus> {
  const given = readValue("make a text corpus", "source", source, sourceKind);
  const name = typeof given === "string" ? given : "a text";
  const attempt = `make a corpus of ${name}`;
  const { length, stride = length, validation, lineEnds, most, encoding, ...own } = readOptions(
    attempt,
    options,
    corpusOptions,
  );
  const by = own.by ?? own.vocabulary?.by ?? "codePoints";
  if (own.vocabulary && (most !== undefined || by !== own.vocabulary.by)) {
    throw new TypeError(
      `Cannot ${attempt} by ${by}${most === undefined ? "" : ` with most ${most}`} and a vocabulary by ` +
        `${own.vocabulary.by}: the vocabulary decides both`,
    );
  }
  const { texts, files, skipped } = typeof given === "string"
    ? await textsOfFiles(given, encoding)
    : textsOf(given.text);
  const all = lineEnds === "lf" ? texts.map(withLineFeeds) : texts;
  const counted = countEntries(all, by, own.vocabulary ? undefined : most);
  const vocabulary = own.vocabulary ?? vocabularyOf(counted.entries, by, counted.dropped > 0, all.length > 1);
  const count = counted.tokens + all.length - 1;
  if (count > MOST_TOKENS) {
    throw new DataError(name, `Cannot ${attempt}: it has ${count} tokens, and at most ${MOST_TOKENS} fit`);
  }
  const { stream, unknown } = encodeAll(all, vocabulary, count, attempt, name);
  const { train, rest } = partsOf(stream, { length, stride, validation }, attempt, name);
  return {
    vocabulary,
    train,
    validation: rest,
    tokens: count,
    unknown,
    files,
    skipped,
    report: corpusReport({ vocabulary, tokens: count, unknown, files, skipped, lineEnds, train, rest }),
  };
}

interface Texts {
  readonly texts: readonly string[];
  readonly files: readonly TextFileReport[];
  readonly skipped: readonly SkippedText[];
}

async function textsOfFiles(path: string, encoding: TextCorpusOptions["encoding"]): Promise<Texts> {
  const { texts, skipped } = await readTexts(path, encoding);
  const files = texts.map(({ text, ...known }) => ({ ...known, lineEnds: countLineEnds(text) }));
  return { texts: texts.map(({ text }) => text), files, skipped };
}

function textsOf(given: string | readonly string[]): Texts {
  const texts = typeof given === "string" ? [given] : given;
  if (texts.every((text) => text === "")) {
    throw new DataError("a text", "Cannot make a corpus of a text: it is empty");
  }
  const files = texts.map((text, i) => ({
    file: `text ${i + 1}`,
    bytes: new TextEncoder().encode(text).length,
    hasMark: false,
    broken: 0,
    lineEnds: countLineEnds(text),
  }));
  return { texts, files, skipped: [] };
}

function vocabularyOf(
  entries: readonly string[],
  by: Vocabulary["by"],
  hasUnknown: boolean,
  hasBoundary: boolean,
): Vocabulary {
  const first = by === "bytes" ? 256 : entries.length;
  return new Vocabulary({
    by,
    entries,
    unknown: hasUnknown ? first : undefined,
    boundary: hasBoundary ? first + Number(hasUnknown) : undefined,
  });
}

function encodeAll(
  texts: readonly string[],
  vocabulary: Vocabulary,
  count: number,
  attempt: string,
  name: string,
): { stream: NdArray; unknown: number } {
  const { boundary } = vocabulary;
  if (boundary === undefined && texts.length > 1) {
    throw new DataError(name, `Cannot ${attempt}: several texts need a vocabulary with a boundary token`);
  }
  const data = allocate(vocabulary.size <= 256 ? "uint8" : "int32", count);
  let [at, unknown] = [0, 0];
  for (const [i, text] of texts.entries()) {
    if (i > 0) data[at++] = boundary!;
    vocabulary.forEachToken(text, (token) => {
      if (token < 0) vocabulary.encode(text); // says what is no entry
      if (token === vocabulary.unknown) unknown++;
      data[at++] = token;
    });
  }
  return { stream: ndarray(data instanceof Uint8Array ? "uint8" : "int32", [count], data), unknown };
}

function partsOf(
  stream: NdArray,
  { length, stride, validation }: { length: number; stride: number; validation: number },
  attempt: string,
  name: string,
): { train: Dataset; rest: Dataset } {
  const [count] = stream.shape;
  const end = Math.floor(count * (1 - validation) + 1e-9); // 1 - 0.9 is a little less than 0.1
  const part = (what: string, start: number, end: number) => {
    if (end - start <= length) {
      throw new DataError(
        name,
        `Cannot ${attempt}: its ${what} part has ${
          end - start
        } of ${count} tokens, and a window of ${length} with ` +
          `what comes next needs ${length + 1}; take a longer text or shorter windows`,
      );
    }
    const { dtype, data } = stream;
    const values = tokensOf(ndarray(dtype, [end - start], data.subarray(start, end)));
    return new Dataset({
      name: `${name} ${what}`,
      fields: {
        tokens: windows(values, { length, stride }),
        next: windows(values, { length, stride, shift: 1 }),
      },
      targets: "next",
    });
  };
  return { train: part("training", 0, end), rest: part("validation", end, count) };
}
