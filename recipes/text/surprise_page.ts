/** A text coloured by how surprising each of its characters was, as a page for browsers. */
import { levelOf, LEVELS, type TextSurprise } from "./surprise.ts";

/** Backgrounds from what is a little surprising on, as red, green and blue. */
const SHADES: readonly (readonly [number, number, number])[] = [
  [255, 255, 215],
  [255, 255, 175],
  [255, 215, 135],
  [255, 175, 95],
  [255, 135, 95],
  [255, 95, 95],
  [255, 0, 0],
];

const escaped = (text: string) =>
  text.replaceAll(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** The page. */
export function surprisePage(title: string, { pieces, bitsPerCharacter }: TextSurprise): string {
  const shades = SHADES.map((shade, i) => `.s${i + 1}{color:#000;background:rgb(${shade.join(" ")})}`);
  const parts = pieces.map((piece) => {
    const { text, bits } = piece;
    if (bits === undefined) return `<s>${escaped(text)}</s>`;
    const level = levelOf(piece);
    // A line break has nothing to be coloured.
    const shown = level > 0 && text === "\n" ? "\u23ce\n" : text;
    return level === 0
      ? escaped(text)
      : `<span class="s${level}" title="${bits.toFixed(1)} bits">${escaped(shown)}</span>`;
  });
  const legend = LEVELS.map((least, i) => `<span class="s${i + 1}">&nbsp;${least} bits&nbsp;</span>`).join(
    " ",
  );
  return [
    '<!doctype html><html><head><meta charset="utf-8">',
    `<title>${escaped(title)}</title>`,
    `<style>:root{color-scheme:light dark}body{font:16px/1.5 sans-serif;margin:2em}`,
    `pre{font:15px/1.5 monospace;white-space:pre-wrap}s{opacity:.5}${shades.join("")}</style></head><body>`,
    `<p>${escaped(title)}: ${bitsPerCharacter.toFixed(4)} bits a character. ${legend}</p>`,
    `<pre>${parts.join("")}</pre></body></html>\n`,
  ].join("\n");
}
