/** Counts what texts are made of. */
import { forEachCodePoint, type TextUnit, wordsOf } from "./text_units.ts";

/** What texts are made of. */
export interface EntryCounts {
  /** Characters in their order, or words by their frequency; none for bytes. */
  readonly entries: readonly string[];
  /** Characters or words that are no entries, as there are too many. */
  readonly dropped: number;
  /** How many tokens the texts are, together. */
  readonly tokens: number;
}

/** Counts characters, bytes or words, and keeps the `most` frequent. */
export function countEntries(
  texts: readonly string[],
  by: TextUnit,
  most: number | undefined,
): EntryCounts {
  if (by === "bytes") {
    const tokens = texts.reduce((sum, text) => sum + utf8Length(text), 0);
    return { entries: [], dropped: 0, tokens };
  }
  const counts = by === "words" ? countWords(texts) : countCharacters(texts);
  // By frequency, and where that is equal by their characters: the same on every machine.
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || compare(a, b));
  const entries = ordered.slice(0, most).map(([entry]) => entry);
  const tokens = ordered.reduce((sum, [, count]) => sum + count, 0);
  if (by === "codePoints") entries.sort(compare);
  return { entries, dropped: ordered.length - entries.length, tokens };
}

const compare = (a: string, b: string) => {
  const [first, second] = [a.codePointAt(0)!, b.codePointAt(0)!];
  return first - second || (a < b ? -1 : Number(a > b));
};

function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function countCharacters(texts: readonly string[]): Map<string, number> {
  const counts = new Map<number, number>();
  for (const text of texts) {
    forEachCodePoint(text, (code) => counts.set(code, (counts.get(code) ?? 0) + 1));
  }
  return new Map([...counts].map(([code, count]) => [String.fromCodePoint(code), count]));
}

function utf8Length(text: string): number {
  let length = 0;
  forEachCodePoint(text, (code) => {
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  });
  return length;
}
