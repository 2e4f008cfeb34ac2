/** Keys of ABC: which notes are raised or lowered. */
import { AbcFault } from "./abc_scanner.ts";

/** Sharps, in the order in which keys gain them; flats go the other way. */
const ORDER = "FCGDAEB";

/** How many more sharps a mode has than major. */
const modes: Readonly<Record<string, number>> = {
  "": 0,
  maj: 0,
  ion: 0,
  m: -3,
  min: -3,
  aeo: -3,
  mix: -1,
  dor: -2,
  phr: -4,
  lyd: 1,
  loc: -5,
};

/** Semitones of each letter that a key raises or lowers: `G` gives F a 1. Throws an {@linkcode AbcFault} for what is no key. */
export function readKey(value: string): ReadonlyMap<string, number> {
  const changes = new Map<string, number>();
  // Pipes have two sharps, which some write out and some do not.
  const text = value.replace(/^H[Pp]/, "D").replace(/^none\b/i, "C").trim();
  const found = /^([A-G])([#b]?)\s*([A-Za-z]*)/.exec(text);
  if (text !== "" && !found) throw new AbcFault(`K:${value} is no key`);
  const [, letter, sign, word] = found ?? ["", "C", "", ""];
  const mode = modes[word === "m" ? "m" : word.slice(0, 3).toLowerCase()];
  // Words such as clef=bass may follow; they change no note.
  if (mode === undefined && !/^(clef|exp|tre|bas|ten|alt|tra|oct|sta|mid)/i.test(word)) {
    throw new AbcFault(`K:${value} is no key`);
  }
  const sharps = ORDER.indexOf(letter) - 1 + (sign === "#" ? 7 : sign === "b" ? -7 : 0) + (mode ?? 0);
  for (let i = 0; i < Math.abs(sharps); i++) {
    const letter = sharps > 0 ? ORDER[i % 7] : ORDER[6 - i % 7];
    changes.set(letter, (changes.get(letter) ?? 0) + Math.sign(sharps));
  }
  // Signs of its own: K:D =c
  for (const [, sign, letter] of value.matchAll(/\s(\^|_|=)([A-Ga-g])(?![A-Za-z])/g)) {
    changes.set(letter.toUpperCase(), sign === "^" ? 1 : sign === "_" ? -1 : 0);
  }
  return changes;
}
