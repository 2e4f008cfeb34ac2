/** What a text is made of, for a network: its characters, its bytes in UTF-8, or its words. */

/** How a text is taken apart. */
export type TextUnit = "codePoints" | "bytes" | "words";

/** The ways in which a text is taken apart. */
export const textUnits: readonly TextUnit[] = ["codePoints", "bytes", "words"];

/**
 * Words, each with the space in front of it, so that nothing is lost when they are joined; characters of scripts that write no
 * spaces, marks and line breaks are words of their own.
 */
const WORD =
  / ?(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}])+(?:['’][\p{L}\p{M}]+)*| ?\p{N}+|[^]/gu;

/** The words of a text, which are the text when they are joined. */
export function* wordsOf(text: string): Generator<string> {
  for (const [word] of text.matchAll(WORD)) yield word;
}

/** Calls `use` with the number of each character. Halves of surrogate pairs without the other one are U+FFFD. */
export function forEachCodePoint(text: string, use: (codePoint: number) => void): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code > 0xffff) at++;
    use(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }
}
