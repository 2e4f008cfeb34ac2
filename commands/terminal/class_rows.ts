/** What a model takes something for, as lines. */
import { green } from "./print.ts";
import { bar, percent } from "./terminal.ts";

/** A line for each class with a bar, the likeliest first. */
export function classRows(names: readonly string[], row: ArrayLike<number>): string[] {
  const shares = Array.from(row);
  const longest = Math.max(...names.map((n) => n.length));
  const order = shares.map((_, c) => c).sort((a, b) => shares[b] - shares[a]);
  return order.map((c, rank) => {
    const line = `  ${names[c].padEnd(longest)} ${percent(shares[c]).padStart(7)}  ${bar(shares[c], 30)}`;
    return rank === 0 ? green(line) : line;
  });
}
