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

const lightColors = ["#0969da", "#cf4a1f", "#1a7f37", "#8250df", "#9a6700", "#0b7285"];
const darkColors = ["#58a6ff", "#ff9068", "#56d364", "#c69cff", "#e3b341", "#4ccbd6"];

/** What a quotient may miss a whole number by and still count as it. */
const slack = 1e-9;

const margin = { right: 20, bottom: 34, left: 64 };
const firstLegendRow = 44;
const legendRowHeight = 20;

/**
 * Draws values over x as an SVG picture, which follows the reader's choice of light or dark.
 *
 * @returns The text of an `.svg` file.
 * @throws {RangeError} when a series has not one value for each x, or there is nothing to draw.
 *
 * @example
 * ```ts
 * import { lineChart } from "@gesso/gesso";
 *
 * const svg = lineChart({
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
  const names = placeNames(series, width);
  const marginTop = firstLegendRow + legendRowHeight * names[names.length - 1].row + 18;
  // Steps and epochs have no halves.
  const leastStep = x.every(Number.isInteger) ? 1 : 0;
  const xStep = Math.max(leastStep, roundStep(left, right, (width - margin.left) / 90));
  const yStep = roundStep(least, most, (height - marginTop) / 50);
  const xTicks = multiples(xStep, Math.ceil(left / xStep - slack), Math.floor(right / xStep + slack));
  const yTicks = multiples(yStep, Math.floor(least / yStep + slack), Math.ceil(most / yStep - slack));
  const [bottom, top] = [yTicks[0], yTicks[yTicks.length - 1]];

  const plot = { right: width - margin.right, bottom: height - margin.bottom };
  const toX = scale(left, right, margin.left, plot.right);
  const toY = scale(bottom, top, plot.bottom, marginTop);

  const grid = yTicks.map((value) =>
    `<path class="grid" d="M${margin.left} ${toY(value)}H${plot.right}"/>` +
    `<text x="${margin.left - 8}" y="${toY(value)}" dy=".35em" text-anchor="end">${label(value)}</text>`
  );
  const bottomLabels = xTicks.map((value) =>
    `<text x="${toX(value)}" y="${plot.bottom + 20}" text-anchor="middle">${label(value)}</text>`
  );
  const legend = names.map(({ name, row, left }, i) => {
    const y = firstLegendRow + legendRowHeight * row;
    return `<path ${look(i)} d="M${left} ${y}h18"/><text x="${left + 24}" y="${y}" dy=".35em">${
      escapeText(name)
    }</text>`;
  });
  const lines = series.map(({ values }, i) => drawLine(look(i), x.map(toX), values.map(toY)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${style()}</style>`,
    `<rect width="100%" height="100%" class="paper"/>`,
    `<text class="title" x="${margin.left}" y="24">${escapeText(title)}</text>`,
    ...legend,
    ...grid,
    ...bottomLabels,
    ...lines,
    `</svg>\n`,
  ].join("\n");
}

function style(): string {
  const strokes = (colors: string[]) => colors.map((color, i) => `.s${i}{stroke:${color}}`).join("");
  return `text{font:12px system-ui,sans-serif;fill:#59636e}.title{font-size:15px;font-weight:600;fill:#1f2328}` +
    `.paper{fill:#fff}.grid{stroke:#d1d9e0}` +
    `.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}` + strokes(lightColors) +
    `@media(prefers-color-scheme:dark){text{fill:#9198a1}.title{fill:#f0f6fc}.paper{fill:#0d1117}` +
    `.grid{stroke:#30363d}${strokes(darkColors)}}`;
}

/** The attributes of a line that tell it from the others. */
function look(i: number): string {
  const { length } = lightColors;
  return `class="line s${i % length}"` + (i < length ? "" : ` stroke-dasharray="6 5"`);
}

/** Puts the names side by side, as many in a row as fit if their characters are 7 pixels wide. */
function placeNames(series: readonly Series[], width: number): { name: string; row: number; left: number }[] {
  let row = 0;
  let right = margin.left;
  return series.map(({ name }) => {
    const nameWidth = 44 + name.length * 7;
    if (right + nameWidth > width && right > margin.left) {
      row++;
      right = margin.left;
    }
    const left = right;
    right += nameWidth;
    return { name, row, left };
  });
}

function rangeOf(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** Maps a range of values onto a range of pixels; a single value goes to the middle. Tenths of a pixel will do. */
function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  return (value) => {
    const share = to === from ? 0.5 : (value - from) / (to - from);
    return Math.round(10 * (start + share * (end - start))) / 10;
  };
}

/** A distance of 1, 2 or 5 times a power of ten that fits about `count` times, or a little less, into a range. */
function roundStep(least: number, most: number, count: number): number {
  const rough = (most - least || Math.abs(most) || 1) / Math.max(count, 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

function multiples(step: number, first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
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

function label(value: number): string {
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(6));
  return size >= 1000 && size < 1e9 ? rounded.toLocaleString("en") : `${rounded}`;
}

/** Texts may hold anything, also what would end an element or cannot be in XML at all. */
function escapeText(text: string): string {
  // deno-lint-ignore no-control-regex
  const printable = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd").toWellFormed();
  return printable.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
