/** Text from outside, made safe to show. */

/**
 * Control characters, and what turns the direction of text or breaks lines: a terminal obeys them, and a person does not see
 * them. Halves of surrogate pairs are none of these, but nothing that can be printed either.
 */
// deno-lint-ignore no-control-regex
const HIDDEN = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

const named: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Shows what cannot be seen: a line break as `\n`, the character that begins a terminal's commands as `\x1b`. Names in model
 * files, paths and messages of servers may hold such things, and could so write whatever they like on a screen.
 */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    return named[character] ?? (code < 32 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
  });
}
