/** What is copied from a corpus of poems. */
import { commonStretches, SEPARATOR } from "../text/common_stretches.ts";

/** What made texts have in common with a corpus. */
export interface Copied {
  /** How many of them are in it as a whole. */
  readonly whole: number;
  /** The longest stretch that is in it, too. */
  readonly longest: string;
  /** The lines that are in it, too, as a part of all. */
  readonly lines: number;
}

/** Compares texts, each a list of lines, with those of a corpus. Stretches may go over the ends of lines. */
export function copiedFrom(
  corpus: readonly (readonly string[])[],
  made: readonly (readonly string[])[],
): Copied {
  const known = new Set(corpus.map((lines) => lines.join("")));
  const knownLines = new Set(corpus.flat());
  const whole = made.filter((lines) => known.has(lines.join(""))).length;
  const all = made.flat();
  const lines = all.filter((line) => knownLines.has(line)).length / Math.max(1, all.length);
  const sample = tokensOf(made, SEPARATOR);
  const longest = commonStretches(sample, tokensOf(corpus, -2)) // a mark that is in no text
    .reduce((best, stretch) => stretch.length > best.length ? stretch : best, { at: 0, length: 0 });
  return {
    whole,
    longest: String.fromCodePoint(...sample.slice(longest.at, longest.at + longest.length)),
    lines,
  };
}

/** The characters of texts, with a mark behind each. */
const tokensOf = (texts: readonly (readonly string[])[], mark: number): number[] =>
  texts.flatMap((lines) => [...[...lines.join("")].map((character) => character.codePointAt(0)!), mark]);
