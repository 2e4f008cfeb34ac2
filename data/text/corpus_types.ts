/** Where a corpus comes from, what can be asked of it, and what comes of it. */
import type { Dataset } from "../dataset.ts";
import type { LineEndCounts, LineEnds } from "./line_ends.ts";
import type { TextEncodingName } from "./text_encoding.ts";
import type { SkippedText } from "./text_files.ts";
import type { TextUnit } from "./text_units.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Where {@linkcode textCorpus} takes its text from: the path of a file or folder, or texts themselves. */
export type TextSource = string | { readonly text: string | readonly string[] };

/** How {@linkcode textCorpus} reads a text. */
export interface TextCorpusOptions {
  /** What tokens are: characters (`"codePoints"`, when left out), bytes of UTF-8, or words with the space in front of them. */
  readonly by?: TextUnit;
  /** Tokens of a window, at least 1. */
  readonly length: number;
  /** Tokens from the beginning of a window to that of the next; `length` when left out, so that they lie side by side. */
  readonly stride?: number;
  /** Which part, the last one, is to test by: above 0 and below 1; 0.1 when left out. */
  readonly validation?: number;
  /** `"lf"`: every line ends in one line feed, as it is when left out. `"keep"`: as in the file. */
  readonly lineEnds?: LineEnds;
  /** The most characters or words to tell apart, the most frequent; all others become one unknown token. All when left out. */
  readonly most?: number;
  /** A vocabulary that there is already, such as that of a trained model. */
  readonly vocabulary?: Vocabulary;
  /** The encoding of all files; found for each when left out. */
  readonly encoding?: TextEncodingName;
}

/** What was found in a file. */
export interface TextFileReport {
  /** Its path, or its number where texts were given. */
  readonly file: string;
  /** Its size; that of its UTF-8 where a text was given. */
  readonly bytes: number;
  /** How its characters are stored; `undefined` where a text was given. */
  readonly encoding?: TextEncodingName;
  /** Whether a byte order mark says so. */
  readonly hasMark: boolean;
  /** Places whose bytes are no character: each became U+FFFD. */
  readonly broken: number;
  /** How its lines ended. */
  readonly lineEnds: LineEndCounts;
}

/** A text for a network; see {@linkcode textCorpus}. */
export interface TextCorpus {
  /** Turns texts into tokens and back; keep it with the model. */
  readonly vocabulary: Vocabulary;
  /** The first part: windows `tokens`, and `next`, the token behind each; `int32` `[length]`. */
  readonly train: Dataset;
  /** The last part. */
  readonly validation: Dataset;
  /** The number of tokens in both. */
  readonly tokens: number;
  /** Tokens that became unknown. */
  readonly unknown: number;
  /** What was found in each file. */
  readonly files: readonly TextFileReport[];
  /** Files of a folder that were left out. */
  readonly skipped: readonly SkippedText[];
  /** All that, in a few lines to print. */
  readonly report: readonly string[];
}
