/** What is copied from a corpus. */

/** What made texts have in common with a corpus. */
export interface Copied {
  /** How many of them are in it as a whole. */
  readonly whole: number;
  /** The longest stretch that is in it, too. */
  readonly longest: string;
  /** The lines that are in it, too, as a part of all. */
  readonly lines: number;
}

/** Compares texts, each a list of lines, with those of a corpus. Stretches may go over the ends of lines. */
export function copiedFrom(
  corpus: readonly (readonly string[])[],
  made: readonly (readonly string[])[],
): Copied {
  const known = new Set(corpus.map((lines) => lines.join("")));
  const knownLines = new Set(corpus.flat());
  const whole = made.filter((lines) => known.has(lines.join(""))).length;
  const all = made.flat();
  const lines = all.filter((line) => knownLines.has(line)).length / Math.max(1, all.length);
  // A stretch of n + 1 characters holds one of n, so only texts that have one of these are looked at again.
  let left = made.map((lines) => [...lines.join("")]);
  let longest = "";
  for (let size = 1; left.length > 0; size++) {
    const stretches = new Set<string>();
    for (const text of known) {
      const characters = [...text];
      for (let i = 0; i + size <= characters.length; i++) {
        stretches.add(characters.slice(i, i + size).join(""));
      }
    }
    left = left.filter((characters) => {
      for (let i = 0; i + size <= characters.length; i++) {
        const stretch = characters.slice(i, i + size).join("");
        if (!stretches.has(stretch)) continue;
        longest = stretch;
        return true;
      }
      return false;
    });
  }
  return { whole, longest, lines };
}
