/** Values of named things as horizontal bars in groups: an SVG picture in the manner of `lineChart`. */
import { axisLabel, scale, ticksAround } from "../formats/drawing/chart_axis.ts";
import { CHARACTER_WIDTH, chartFrame, escapeText } from "../formats/drawing/chart_frame.ts";
import { chartLegend } from "../formats/drawing/chart_legend.ts";

/** One bar. */
export interface Bar {
  /** What stands before it. */
  readonly name: string;
  /** Its length; not negative. */
  readonly value: number;
  /** What stands behind it. */
  readonly label: string;
  /** Which of the chart's series it belongs to, by number; its colour. */
  readonly series: number;
}

/** Bars below a heading. */
export interface BarGroup {
  readonly name: string;
  readonly bars: readonly Bar[];
}

/** What {@linkcode barChart} draws. */
export interface BarChartOptions {
  /** The line of text on top. */
  readonly title: string;
  /** The line of text at the bottom: where, when. */
  readonly note: string;
  /** What the colours stand for; six at the most. */
  readonly series: readonly string[];
  /** What stands behind the numbers of the axis. */
  readonly unit: string;
  readonly groups: readonly BarGroup[];
}

const margin = 20;
/** Between a bar and the texts around it. */
const gap = 8;
const rowHeight = 18;
const headingHeight = 32;
const barHeight = 12;
const longestBar = 400;
/** Of a character of the title. */
const titleCharacterWidth = 9;
const style = ".bar{fill:currentColor}";

const widest = (texts: readonly string[]) =>
  CHARACTER_WIDTH * texts.reduce((most, { length }) => Math.max(most, length), 0);

/**
 * Draws bars under each other, as wide and as high as they need.
 *
 * @throws {RangeError} when there is no bar, or a value is negative or not finite.
 */
export function barChart({ title, note, series, unit, groups }: BarChartOptions): string {
  const bars = groups.flatMap((group) => group.bars);
  const wrong = bars.find(({ value }) => !Number.isFinite(value) || value < 0);
  if (wrong) {
    throw new RangeError(`Cannot draw the chart ${title}: ${wrong.name} has the value ${wrong.value}`);
  }
  if (bars.length === 0) throw new RangeError(`Cannot draw the chart ${title}: there is no bar`);

  const left = margin + widest(bars.map(({ name }) => name)) + gap;
  const width = margin + Math.max(
    left + longestBar + gap + widest(bars.map(({ label }) => label)),
    margin + titleCharacterWidth * title.length,
    margin + widest([note, ...groups.map(({ name }) => name)]),
  );
  const legend = chartLegend(series, {
    left: margin,
    width,
    mark: (i, left, y) =>
      `<rect ${look(i)} x="${left}" y="${y - barHeight / 2}" width="18" height="${barHeight}"/>`,
  });
  const ticks = ticksAround(0, Math.max(...bars.map(({ value }) => value)), longestBar / 70);
  const toX = scale(0, ticks[ticks.length - 1], left, left + longestBar);

  const parts: string[] = [];
  let y = legend.bottom;
  for (const { name, bars } of groups) {
    parts.push(
      `<text class="heading" x="${margin}" y="${y + headingHeight - 12}" dy=".35em">${
        escapeText(name)
      }</text>`,
    );
    y += headingHeight;
    const bottom = y + rowHeight * bars.length;
    parts.push(...ticks.map((tick) => `<path class="grid" d="M${toX(tick)} ${y}V${bottom}"/>`));
    for (const bar of bars) {
      parts.push(drawBar(bar, left, toX(bar.value), y + rowHeight / 2));
      y += rowHeight;
    }
  }
  parts.push(
    ...ticks.map((tick) =>
      `<text x="${toX(tick)}" y="${y + 20}" text-anchor="middle">${axisLabel(tick)}${escapeText(unit)}</text>`
    ),
  );
  parts.push(`<text x="${margin}" y="${y + 48}">${escapeText(note)}</text>`);
  return chartFrame({ title, left: margin, width, height: y + 62, style }, [...legend.parts, ...parts]);
}

const look = (series: number) => `class="bar s${series}"`;

/** A bar around the height `y`, with its name and its label, behind which the grid is covered. */
function drawBar({ name, label, series }: Bar, left: number, right: number, y: number): string {
  const box = (look: string, from: number, width: number) =>
    `<rect ${look} x="${from}" y="${y - barHeight / 2}" width="${width}" height="${barHeight}"/>`;
  const text = (x: number, anchor: string, content: string) =>
    `<text x="${x}" y="${y}" dy=".35em" text-anchor="${anchor}">${escapeText(content)}</text>`;
  return text(left - gap, "end", name) +
    box(look(series), left, Math.round(10 * (right - left)) / 10) +
    box('class="paper"', right + gap / 2, CHARACTER_WIDTH * label.length) +
    text(right + gap, "start", label);
}
