/** What is around a chart: the SVG element with its title, and colours that follow the choice of light or dark. */

const lightColors = ["#0969da", "#cf4a1f", "#1a7f37", "#8250df", "#9a6700", "#0b7285"];
const darkColors = ["#58a6ff", "#ff9068", "#56d364", "#c69cff", "#e3b341", "#4ccbd6"];

/** Colours for series: the classes `s0`, `s1` ... set `currentColor`. */
export const SERIES_COLORS = lightColors.length;

/** About how wide a character of 12 pixels is, in pixels; rather too wide than too narrow. */
export const CHARACTER_WIDTH = 7;

/** A chart's title, its size, and rules for what is in it alone. */
export interface ChartFrame {
  readonly title: string;
  /** Where the title begins, in pixels. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Rules for its own classes; those of `text`, `.heading`, `.grid` and of series are there. */
  readonly style: string;
}

/** The text of an `.svg` file with elements in it, one a line. */
export function chartFrame(
  { title, left, width, height, style }: ChartFrame,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${rules(style)}</style>`,
    `<rect width="100%" height="100%" class="paper"/>`,
    `<text class="title" x="${left}" y="24">${escapeText(title)}</text>`,
    ...parts,
    `</svg>\n`,
  ].join("\n");
}

function rules(own: string): string {
  const series = (colors: string[]) => colors.map((color, i) => `.s${i}{color:${color}}`).join("");
  return `text{font:12px system-ui,sans-serif;fill:#59636e}.title{font-size:15px}` +
    `.title,.heading{font-weight:600;fill:#1f2328}.paper{fill:#fff}.grid{stroke:#d1d9e0}` +
    own + series(lightColors) +
    `@media(prefers-color-scheme:dark){text{fill:#9198a1}.title,.heading{fill:#f0f6fc}.paper{fill:#0d1117}` +
    `.grid{stroke:#30363d}${series(darkColors)}}`;
}

/** Text for an SVG file; it may hold anything, also what would end an element or cannot be in XML at all. */
export function escapeText(text: string): string {
  // deno-lint-ignore no-control-regex
  const printable = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd").toWellFormed();
  return printable.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
