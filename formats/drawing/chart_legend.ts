/** A chart's legend: marks and names side by side below the title. */
import { CHARACTER_WIDTH, escapeText } from "./chart_frame.ts";

const firstRow = 44;
const rowHeight = 20;

/** Where a legend is, and what stands before its names. */
export interface LegendOptions {
  readonly left: number;
  /** The chart's width; names that would end beyond it begin a row. */
  readonly width: number;
  /** Draws the mark before a name, 18 pixels wide around the height `y`. */
  readonly mark: (i: number, left: number, y: number) => string;
}

/** The legend's elements, and where the drawing below it may begin. */
export function chartLegend(
  names: readonly string[],
  { left, width, mark }: LegendOptions,
): { parts: string[]; bottom: number } {
  let y = firstRow;
  let right = left;
  const parts = names.map((name, i) => {
    const nameWidth = 44 + name.length * CHARACTER_WIDTH;
    if (right + nameWidth > width && right > left) {
      y += rowHeight;
      right = left;
    }
    const start = right;
    right += nameWidth;
    return `${mark(i, start, y)}<text x="${start + 24}" y="${y}" dy=".35em">${escapeText(name)}</text>`;
  });
  return { parts, bottom: y + 18 };
}
