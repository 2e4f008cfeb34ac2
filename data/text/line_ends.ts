/** How lines end: as systems differ, a network would have to learn it, too. */

/** What is done to line ends: made one line feed each, or kept as they are. */
export type LineEnds = "lf" | "keep";

/** How many lines of a text end in which way. */
export interface LineEndCounts {
  /** Line feeds alone: Unix. */
  readonly lf: number;
  /** Both: Windows. */
  readonly crlf: number;
  /** Carriage returns alone: old Macs. */
  readonly cr: number;
}

/** Counts line ends. */
export function countLineEnds(text: string): LineEndCounts {
  let [lf, crlf, cr] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) lf++;
    else if (code === 13) {
      if (text.charCodeAt(at + 1) === 10) crlf++, at++;
      else cr++;
    }
  }
  return { lf, crlf, cr };
}

/** A text in which each line ends in one line feed. */
export const withLineFeeds = (text: string): string =>
  text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
