/** Which classes are taken for which. */
import type { NdArray } from "../../engine/array.ts";
import type { Dataset } from "../../data/dataset.ts";
import { largestOf } from "./class_table.ts";

/** A table in plain text: a row for each class, a column for what its examples are taken for, and how many of them. */
export function confusionTable(data: Dataset, logits: NdArray): string {
  const names = data.classNames!;
  const counts = names.map(() => names.map(() => 0));
  largestOf(logits).forEach((guess, i) => counts[data.targets.data[i]][guess]++);
  const rows = [["", ...names], ...names.map((name, c) => [name, ...counts[c].map(String)])];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  );
  const head = "a row for each class, and how many of it are taken for which";
  return [head, "", ...lines].map((line) => `${line.trimEnd()}\n`).join("");
}
