/** How a model does on each class. */
import type { NdArray } from "../../engine/array.ts";
import type { Dataset } from "../../data/dataset.ts";
import { percent } from "../number_text.ts";

/** For each row of numbers, the place of the largest; behind the last one where there is NaN, as that decides for none. */
export function largestOf(rows: NdArray): number[] {
  const width = rows.shape[1];
  return Array.from({ length: rows.shape[0] }, (_, r) => {
    let best = 0;
    for (let c = 0; c < width; c++) {
      const value = rows.data[r * width + c];
      if (Number.isNaN(value)) return width;
      if (value > rows.data[r * width + best]) best = c;
    }
    return best;
  });
}

/** What part of the examples is right. */
export const rightPart = (data: Dataset, logits: NdArray): number =>
  largestOf(logits).filter((guess, i) => guess === data.targets.data[i]).length / data.length;

/** Rows of a table, one for each class below the headings: how many examples are right, and what the others are taken for most often. */
export function classTable(data: Dataset, logits: NdArray): string[][] {
  const given = data.classNames ?? [];
  const names = Array.from({ length: logits.shape[1] }, (_, i) => given[i] ?? `class ${i}`);
  const guesses = largestOf(logits);
  const guessed = [...names, "NaN"];
  const taken = names.map(() => guessed.map(() => 0));
  guesses.forEach((guess, i) => taken[data.targets.data[i]][guess]++);
  const rows = names.map((name, c) => {
    const all = taken[c].reduce((a, b) => a + b, 0);
    const wrong = taken[c].map((n, guess) => guess === c ? -1 : n);
    const most = wrong.indexOf(Math.max(...wrong));
    const confusion = wrong[most] > 0 ? `${guessed[most]} ${percent(wrong[most] / all)}` : "";
    return [name, all === 0 ? "-" : percent(taken[c][c] / all), confusion];
  });
  return [["class", "right", "most often taken for"], ...rows];
}
