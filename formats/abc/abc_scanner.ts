/** Takes the music of a tune apart: notes, rests, bars and what lies between them. */
import { abcField, withoutComment } from "./abc_tune.ts";

/** A pitch as it is written. */
export interface WrittenPitch {
  /** `C` to `B`. */
  readonly letter: string;
  /** Octaves above the one of the C in the middle of a piano. */
  readonly octave: number;
  /** Semitones that a sign in front of it says: -2 to 2; `undefined` where there is no sign. */
  readonly accidental?: number;
}

/** What music consists of. Lengths are in units (`L:`). */
export type AbcToken =
  | { readonly kind: "note"; readonly pitches: readonly WrittenPitch[]; readonly length: number }
  | { readonly kind: "rest"; readonly length: number }
  /** Rests of so many bars. */
  | { readonly kind: "barRest"; readonly bars: number }
  /** A note and the next one, of which one gives the other half of its length, `steps` times; below 0, the second gives. */
  | { readonly kind: "broken"; readonly steps: number }
  /** The next `notes` notes fit into the time of `time`; that of the meter where it is `undefined`. */
  | { readonly kind: "tuplet"; readonly size: number; readonly time?: number; readonly notes: number }
  | { readonly kind: "tie" }
  /** A bar line such as `|` or `:|`, with the endings that begin there. */
  | { readonly kind: "bar"; readonly line: string; readonly endings: readonly number[] }
  | { readonly kind: "field"; readonly letter: string; readonly value: string };

/** Thrown for music that can't be read; the message says why. */
export class AbcFault extends Error {}

const LENGTH = /(\d*)(\/*)(\d*)/y;
const PITCH = /(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)/y;
const BAR = /\[\||:*\|[|\]:]*|::+/y;
const ENDINGS = /\s*(?:\[\s*)?([1-9][\d,.-]*)/y;
const TUPLET = /\((\d+)(?::(\d*))?(?::(\d*))?/y;
const INLINE = /\[([A-Za-z]):([^\]]*)\]/y;
/** What is not heard: text in quotes, grace notes, marks and signs for them, slurs, spaces. */
const SILENT = /"[^"]*"|\{[^}]*\}|![\w()<>+.-]{1,20}!|\+[\w()<>.-]{2,20}\+|[\s`()~.!*$\\HLMOPSTuvJKR]|y\d*/y;

const signs: Readonly<Record<string, number>> = { "^": 1, "^^": 2, "_": -1, "__": -2, "=": 0 };

/**
 * The tokens of a tune's body.
 *
 * @throws {AbcFault} at what is no music.
 */
export function scanAbc(body: string): AbcToken[] {
  const tokens: AbcToken[] = [];
  for (const [number, line] of body.split("\n").entries()) {
    const field = abcField(line);
    if (field) tokens.push({ kind: "field", letter: field[0], value: field[1] });
    else scanLine(withoutComment(line), number + 1, tokens);
  }
  return tokens;
}

function scanLine(line: string, number: number, tokens: AbcToken[]): void {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(line) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  const fail = (reason: string): never => {
    throw new AbcFault(`line ${number}, character ${at + 1}: ${reason}`);
  };
  const takeLength = () => {
    const [, count, slashes, parts] = take(LENGTH)!;
    const divisor = parts ? Number(parts) * 2 ** Math.max(0, slashes.length - 1) : 2 ** slashes.length;
    const length = (count ? Number(count) : 1) / divisor;
    return length > 0 && Number.isFinite(length) ? length : fail("a note has no length");
  };
  const takePitch = (): WrittenPitch | undefined => {
    const found = take(PITCH);
    if (!found) return undefined;
    const [, sign, letter, marks] = found;
    const octave = Number(letter >= "a") + [...marks].reduce((sum, mark) => sum + (mark === "'" ? 1 : -1), 0);
    return { letter: letter.toUpperCase(), octave, accidental: sign === undefined ? undefined : signs[sign] };
  };
  const takeChord = (): AbcToken => {
    const pitches: WrittenPitch[] = [];
    let inner = 0;
    at++; // [
    while (line[at] !== "]") {
      const pitch = takePitch();
      if (!pitch) {
        if (take(SILENT) || take(/-/y)) continue;
        fail(at < line.length ? `${JSON.stringify(line[at])} is in a chord` : "a chord does not end");
      }
      pitches.push(pitch!);
      const length = takeLength();
      if (pitches.length === 1) inner = length;
    }
    at++; // ]
    if (pitches.length === 0) fail("a chord is empty");
    return { kind: "note", pitches, length: inner * takeLength() };
  };
  const takeToken = (): AbcToken | undefined => {
    const inline = take(INLINE);
    if (inline) return { kind: "field", letter: inline[1], value: inline[2].trim() };
    const tuplet = take(TUPLET);
    if (tuplet) {
      const [, size, time, notes] = tuplet.map(Number);
      if (size < 2 || size > 16) fail(`a tuplet of ${size}`);
      return { kind: "tuplet", size, time: time || undefined, notes: notes || size };
    }
    const line = takeBar();
    if (line) return line;
    if (take(SILENT)) return undefined;
    const pitch = takePitch();
    if (pitch) return { kind: "note", pitches: [pitch], length: takeLength() };
    if (take(/[zx]/y)) return { kind: "rest", length: takeLength() };
    if (take(/[ZX]/y)) return { kind: "barRest", bars: takeLength() };
    if (take(/-/y)) return { kind: "tie" };
    const broken = take(/>+|<+/y);
    if (broken) return { kind: "broken", steps: broken[0].length * (broken[0][0] === ">" ? 1 : -1) };
    return undefined;
  };
  const takeBar = (): AbcToken | undefined => {
    const bar = take(BAR);
    const endings = bar || line[at] === "[" ? take(ENDINGS) : undefined;
    if (!bar && !endings) return undefined;
    return { kind: "bar", line: bar?.[0] ?? "[", endings: endings ? endingNumbers(endings[1]) : [] };
  };
  while (at < line.length) {
    const before = at;
    const token = takeToken() ?? (at === before && line[at] === "[" ? takeChord() : undefined);
    if (token) tokens.push(token);
    else if (at === before) fail(`${JSON.stringify(line[at])} is no music`);
  }
}

/** No tune repeats anything more often. */
const MOST_ENDINGS = 16;

/** `1,3` and `1-3`. */
function endingNumbers(text: string): number[] {
  const parts = text.split(/[,.]/).map((part) => part.split("-").map(Number));
  return Array.from({ length: MOST_ENDINGS }, (_, i) => i + 1).filter((number) =>
    parts.some(([first, last = first]) => number >= first && number <= last)
  );
}
