/** Texts in columns beside each other. */

const WIDTH = 36;
const GAP = "  |  ";

/** Characters that take the room of two: those of East Asian scripts, and pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uff60\p{Emoji_Presentation}]/u;

const widthOf = (character: string) => WIDE.test(character) ? 2 : 1;

/** Lines of a text that have room in a column; a word that is too long for it is broken. */
function linesOf(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    let [own, width] = ["", 0];
    for (const character of line.replaceAll("\t", " ")) {
      if (width + widthOf(character) > WIDTH) {
        // Where there is a space, the line ends with it.
        const space = own.lastIndexOf(" ");
        const [kept, rest] = space > 0 ? [own.slice(0, space), own.slice(space + 1)] : [own, ""];
        lines.push(kept);
        own = rest;
        width = [...rest].reduce((sum, one) => sum + widthOf(one), 0);
      }
      own += character;
      width += widthOf(character);
    }
    return [...lines, own];
  });
}

/** Texts with a title each, in columns. */
export function sideBySide(texts: readonly { readonly title: string; readonly text: string }[]): string {
  const columns = texts.map(({ title, text }) => [title, "-".repeat(WIDTH), ...linesOf(text)]);
  const rows = Math.max(...columns.map(({ length }) => length));
  const padded = (cell = "") =>
    cell + " ".repeat(Math.max(0, WIDTH - [...cell].reduce((sum, one) => sum + widthOf(one), 0)));
  return Array.from(
    { length: rows },
    (_, i) => columns.map((column) => padded(column[i])).join(GAP).trimEnd() + "\n",
  ).join("");
}
