/** Text for terminals: labels, bars, times, tables. */
import { visible } from "../../engine/visible.ts";
import { bold, HANG } from "./print.ts";

export { count, percent } from "../../recipes/number_text.ts";

/** A line with a label in front, as the head of a run has them; where it needs more lines, they begin below the text. */
export const labelled = (label: string, text: string): string => `${bold(label.padEnd(10))} ${HANG}${text}`;

/** `1:05` or `1:02:03` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A bar that is filled for a part from 0 to 1. */
export function bar(part: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.round(part * width)));
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** Columns in line; the first to the left, the others to the right. */
export function table(content: readonly (readonly string[])[]): string {
  const rows = content.map((row) => row.map(visible));
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
  ).join("\n");
}
