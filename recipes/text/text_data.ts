/** A text of one's own, as a network learns it: read, cut into windows, and said what was found. */
import { ndarray } from "../../engine/array.ts";
import { DataError } from "../../data/data_error.ts";
import { Dataset } from "../../data/dataset.ts";
import { tokens as tokensOf } from "../../data/field.ts";
import { textCorpus } from "../../data/text/text_corpus.ts";
import type { TextUnit } from "../../data/text/text_units.ts";
import type { Vocabulary } from "../../data/text/vocabulary.ts";
import { windows } from "../../data/windows.ts";
import { nameOfFile } from "../data/name_of_path.ts";
import { pathsRead } from "../data/paths_read.ts";
import { count } from "../number_text.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { Host } from "../recipe.ts";
import { sayLines } from "../say_lines.ts";
import { UsageError } from "../usage_error.ts";

/** How a text is taken apart, by what people call it. */
const units: Readonly<Record<string, TextUnit>> = {
  characters: "codePoints",
  bytes: "bytes",
  words: "words",
};

/** The option that names the text. */
export const textDataOptions: readonly OptionSpec[] = [
  {
    name: "data",
    value: "PATH",
    help: "a text file, or a folder of them, of any encoding (add --allow-read=PATH if it is elsewhere)",
    isRequired: true,
  },
];

/** The options that say how it is read; they are not asked for again where a model knows them. */
export const textReadingOptions: readonly OptionSpec[] = [
  {
    name: "by",
    value: "UNIT",
    help: "what is written next",
    choices: Object.keys(units),
    default: "characters",
  },
  {
    name: "most",
    value: "N",
    help: "the most characters or words to tell apart, the most frequent; all when left out, of words 10000",
    number: { whole: true, least: 1, most: 1_000_000 },
  },
];

/** The most words that are told apart if nothing is said: each is a row of weights, seen as often as it occurs. */
const MOST_WORDS = 10_000;

/** What reading it needs. */
export const textNeeds = pathsRead("data");

/** A text in two parts. */
export interface TextData {
  /** What it is called in messages, and in the name of a run. */
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** The first nine tenths, as tokens. */
  readonly train: ArrayLike<number>;
  /** The last tenth. */
  readonly validation: ArrayLike<number>;
}

/** Reads what `--data` names, with the vocabulary of a model if there is one, and says what was found. */
export async function loadText(values: OptionReader, host: Host, known?: Vocabulary): Promise<TextData> {
  const path = values.text("data");
  if (path === undefined) {
    throw new UsageError("Cannot judge a model without a text: name it with --data PATH");
  }
  const by = units[values.text("by") ?? "characters"];
  const most = values.number("most") ?? (by === "words" ? MOST_WORDS : undefined);
  const choice = known ? { vocabulary: known } : { by, most: by === "bytes" ? undefined : most };
  let corpus;
  try {
    // Windows are made once the number of tokens is known.
    corpus = await textCorpus(path, { length: 1, ...choice });
  } catch (error) {
    if (!(error instanceof RangeError) || !known) throw error;
    throw new UsageError(`Cannot read ${path} with the vocabulary of the model: ${error.message}`, {
      cause: error,
    });
  }
  const { train, validation, vocabulary } = corpus;
  const found = corpus.report.slice(0, -1); // the last one counts windows
  sayLines(host, "data", [...found, `the last ${count(validation.length + 1)} of them are to test by`]);
  const stream = (part: Dataset) => part.fields.tokens.values.data;
  return { name: nameOfFile(path, "text"), vocabulary, train: stream(train), validation: stream(validation) };
}

/** Windows of one length, side by side, of both parts. */
export function windowsOf(
  { name, train, validation, vocabulary }: TextData,
  length: number,
): { train: Dataset; validation: Dataset } {
  const part = (what: string, tokens: ArrayLike<number>) => {
    if (tokens.length <= length) {
      throw new DataError(
        name,
        `Cannot train on ${name} with --length ${length}: its ${what} part has ${count(tokens.length)} ` +
          `tokens, and a window with what comes next needs ${
            count(length + 1)
          }; take a longer text or a shorter length`,
      );
    }
    const dtype = vocabulary.size <= 256 ? "uint8" : "int32";
    const stream = tokensOf(ndarray(dtype, [tokens.length], tokens as Uint8Array | Int32Array));
    return new Dataset({
      name: `${name} ${what}`,
      fields: {
        tokens: windows(stream, { length, stride: length }),
        next: windows(stream, { length, stride: length, shift: 1 }),
      },
      targets: "next",
    });
  };
  return { train: part("training", train), validation: part("validation", validation) };
}
