/** Values over positions as lines. */
import { axisLabel, rangeOf, scale, ticksAround, ticksWithin } from "./chart_axis.ts";
import { chartFrame, SERIES_COLORS } from "./chart_frame.ts";
import { chartLegend } from "./chart_legend.ts";

/** One line of a chart. */
export interface Series {
  /** Its name in the legend. */
  readonly name: string;
  /** Its values, one for each x; NaN and infinities leave a gap. */
  readonly values: readonly number[];
}

/** What {@linkcode lineChart} draws. */
export interface LineChartOptions {
  /** The line of text on top. */
  readonly title: string;
  /** The positions of the values, ascending. */
  readonly x: readonly number[];
  /** The lines; more than six repeat colours, dashed. */
  readonly series: readonly Series[];
  /**
   * The chart's width in pixels.
   *
   * @default {720}
   */
  readonly width?: number;
  /**
   * The chart's height in pixels.
   *
   * @default {400}
   */
  readonly height?: number;
}

const margin = { right: 20, bottom: 34, left: 64 };
const style =
  ".line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}";

/**
 * Draws values over x as an SVG picture, which follows the reader's choice of light or dark.
 *
 * @returns The text of an `.svg` file.
 * @throws {RangeError} when a series has not one value for each x, or there is nothing to draw.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const svg = formats.lineChart({
 *   title: "Loss by epoch",
 *   x: [1, 2, 3],
 *   series: [{ name: "train", values: [1.5, 1.1, 0.9] }, { name: "validation", values: [1.3, 1.1, 1.0] }],
 * });
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */
export function lineChart({ title, x, series, width = 720, height = 400 }: LineChartOptions): string {
  for (const { name, values } of series) {
    if (values.length === x.length) continue;
    throw new RangeError(
      `Cannot draw the chart ${title}: ${name} has ${values.length} values for ${x.length} positions`,
    );
  }
  const [left, right] = rangeOf(x);
  const [least, most] = rangeOf(series.flatMap(({ values }) => values));
  if (!x.every(Number.isFinite) || !Number.isFinite(least)) {
    throw new RangeError(
      `Cannot draw the chart ${title}: positions are finite, and so is one value at least`,
    );
  }
  const look = (i: number) =>
    `class="line s${i % SERIES_COLORS}"` + (i < SERIES_COLORS ? "" : ` stroke-dasharray="6 5"`);
  const legend = chartLegend(series.map(({ name }) => name), {
    left: margin.left,
    width,
    mark: (i, left, y) => `<path ${look(i)} d="M${left} ${y}h18"/>`,
  });
  // Steps and epochs have no halves.
  const leastStep = x.every(Number.isInteger) ? 1 : 0;
  const xTicks = ticksWithin(left, right, (width - margin.left) / 90, leastStep);
  const yTicks = ticksAround(least, most, (height - legend.bottom) / 50);
  const [bottom, top] = [yTicks[0], yTicks[yTicks.length - 1]];

  const plot = { right: width - margin.right, bottom: height - margin.bottom };
  const toX = scale(left, right, margin.left, plot.right);
  const toY = scale(bottom, top, plot.bottom, legend.bottom);

  const grid = yTicks.map((value) =>
    `<path class="grid" d="M${margin.left} ${toY(value)}H${plot.right}"/>` +
    `<text x="${margin.left - 8}" y="${toY(value)}" dy=".35em" text-anchor="end">${axisLabel(value)}</text>`
  );
  const bottomLabels = xTicks.map((value) =>
    `<text x="${toX(value)}" y="${plot.bottom + 20}" text-anchor="middle">${axisLabel(value)}</text>`
  );
  const lines = series.map(({ values }, i) => drawLine(look(i), x.map(toX), values.map(toY)));
  return chartFrame({ title, left: margin.left, width, height, style }, [
    ...legend.parts,
    ...grid,
    ...bottomLabels,
    ...lines,
  ]);
}

/** Draws the stretches between gaps as lines, and a value between two gaps as a dot. */
function drawLine(look: string, xs: number[], ys: number[]): string {
  let path = "";
  let dots = "";
  ys.forEach((y, i) => {
    if (!Number.isFinite(y)) return;
    const follows = Number.isFinite(ys[i - 1]);
    if (follows || Number.isFinite(ys[i + 1])) path += `${follows ? "L" : "M"}${xs[i]} ${y}`;
    else dots += `<circle ${look} cx="${xs[i]}" cy="${y}" r="2"/>`;
  });
  return (path ? `<path ${look} d="${path}"/>` : "") + dots;
}
