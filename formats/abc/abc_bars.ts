/** The bars of a tune: what sounds in each, and for how long. */
import { readKey } from "./abc_key.ts";
import { AbcFault, type AbcToken, scanAbc } from "./abc_scanner.ts";
import { type AbcTune, abcValue } from "./abc_tune.ts";

/** Notes that sound together, within a bar. */
export interface AbcSound {
  /** MIDI pitches; none for a rest. */
  readonly pitches: readonly number[];
  /** In beats (quarter notes) from the beginning of the bar. */
  readonly start: number;
  /** In beats. */
  length: number;
  /** Whether it is held on into the next one. */
  isTied: boolean;
}

/** A bar. */
export interface AbcBar {
  readonly sounds: readonly AbcSound[];
  /** In beats. */
  readonly length: number;
  /** What the meter asks for, in beats; `undefined` where there is none. */
  readonly full?: number;
  /** The meter, such as `6/8`. */
  readonly meter?: string;
  /** The bar line before it, `""` at the beginning of the tune; and the one behind it. */
  readonly opening: string;
  closing: string;
  /** The repeats in which it is played, such as `[1]`; all where it is empty. */
  readonly endings: readonly number[];
}

/** Lengths that are this near are the same: thirds are no finite fractions. */
export const NEAR = 1e-6;

/** A tune of this many beats in a bar has been given by no one. */
const MOST_BEATS = 10_000;

const semitones: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** Beats of a bar of a meter; `undefined` where it is free. Throws an {@linkcode AbcFault} for what is no meter. */
export function beatsOf(meter: string): number | undefined {
  if (meter === "" || /^none$/i.test(meter)) return undefined;
  if (meter === "C" || meter === "C|") return 4;
  const found = /^\(?([\d+ ]+)\)?\/(\d+)$/.exec(meter);
  const count = found?.[1].split("+").reduce((sum, part) => sum + Number(part), 0) ?? 0;
  const beats = 4 * count / Number(found?.[2]);
  if (beats > 0 && beats <= 64) return beats;
  throw new AbcFault(`M:${meter} is no meter`);
}

/** Beats of a unit (`L:`), or what a meter makes of it where nothing is said. */
function unitOf(value: string | undefined, beats: number | undefined): number {
  if (value === undefined) return beats !== undefined && beats < 3 ? 0.25 : 0.5;
  const found = /^(\d+)\/(\d+)$/.exec(value) ?? /^(1)()$/.exec(value);
  const unit = 4 * Number(found?.[1]) / (Number(found?.[2]) || 1);
  if (unit > 0 && unit <= 64) return unit;
  throw new AbcFault(`L:${value} is no length`);
}

/** The bars of a tune in the order in which they are written. Throws an {@linkcode AbcFault} for what is no music. */
export function abcBars(tune: AbcTune): AbcBar[] {
  const reader = new BarReader(tune);
  for (const token of scanAbc(tune.body)) reader.take(token);
  return reader.finish();
}

class BarReader {
  readonly #bars: AbcBar[] = [];
  #meter: string;
  #full: number | undefined;
  #unit: number;
  /** Whether `L:` is said, so that a meter does not change it. */
  readonly #hasUnit: boolean;
  #key: ReadonlyMap<string, number>;
  #signs = new Map<string, number>();
  #sounds: AbcSound[] = [];
  #opening = "";
  #endings: readonly number[] = [];
  #factor = 1;
  #tuplet = { notes: 0, factor: 1 };

  constructor(tune: AbcTune) {
    this.#meter = abcValue(tune, "M") ?? "";
    this.#full = beatsOf(this.#meter);
    const unit = abcValue(tune, "L");
    this.#hasUnit = unit !== undefined;
    this.#unit = unitOf(unit, this.#full);
    this.#key = readKey(abcValue(tune, "K") ?? "");
  }

  take(token: AbcToken): void {
    if (token.kind === "field") this.#field(token.letter, token.value);
    else if (token.kind === "bar") this.#bar(token.line, token.endings);
    else if (token.kind === "note") {
      this.#sound(token.pitches.map((pitch) => this.#pitch(pitch)), token.length);
    } else if (token.kind === "rest") this.#sound([], token.length);
    else if (token.kind === "barRest") this.#sound([], token.bars * (this.#full ?? 4) / this.#unit);
    else if (token.kind === "broken") this.#broken(token.steps);
    else if (token.kind === "tuplet") {
      const isCompound = /^(6|9|12|15)\//.test(this.#meter);
      const times: Readonly<Record<number, number>> = { 2: 3, 3: 2, 4: 3, 6: 2, 8: 3 };
      const time = token.time ?? times[token.size] ?? (isCompound ? 3 : 2);
      this.#tuplet = { notes: token.notes, factor: time / token.size };
    } else {
      const last = this.#sounds.at(-1);
      if (last) last.isTied = true;
    }
  }

  finish(): AbcBar[] {
    this.#bar("", []);
    return this.#bars;
  }

  #field(letter: string, value: string): void {
    if (letter === "K") this.#key = readKey(value);
    else if (letter === "L") this.#unit = unitOf(value, undefined);
    else if (letter === "P") this.#part();
    else if (letter === "M") {
      this.#meter = value;
      this.#full = beatsOf(value);
      if (!this.#hasUnit && this.#bars.length === 0) this.#unit = unitOf(undefined, this.#full);
    } else if (letter === "V") throw new AbcFault("it has several voices (V:), which are not read");
  }

  /** A part begins as behind a double bar. */
  #part(): void {
    const last = this.#bars.at(-1);
    if (this.#sounds.length > 0 || !last) return;
    this.#opening += "||";
    last.closing += "||";
    this.#endings = [];
  }

  #bar(line: string, endings: readonly number[]): void {
    const length = this.#length();
    if (this.#sounds.length > 0) {
      this.#bars.push({
        sounds: this.#sounds,
        length,
        full: this.#full,
        meter: this.#meter,
        opening: this.#opening,
        closing: line,
        endings: this.#endings,
      });
      this.#sounds = [];
      this.#opening = line;
    } else this.#opening += line;
    this.#signs = new Map();
    if (endings.length > 0) this.#endings = endings;
    // An ending lasts up to the next repeat or double bar.
    else if (/[:\]]|\|\|/.test(line)) this.#endings = [];
  }

  #length(): number {
    const last = this.#sounds.at(-1);
    return last ? last.start + last.length : 0;
  }

  #sound(pitches: readonly number[], units: number): void {
    let length = units * this.#unit * this.#factor;
    this.#factor = 1;
    if (this.#tuplet.notes > 0) {
      length *= this.#tuplet.factor;
      this.#tuplet.notes--;
    }
    const start = this.#length();
    if (start + length > MOST_BEATS) throw new AbcFault(`a bar has more than ${MOST_BEATS} beats`);
    this.#sounds.push({ pitches, start, length, isTied: false });
  }

  #broken(steps: number): void {
    const last = this.#sounds.at(-1);
    if (!last) throw new AbcFault("a broken rhythm has no note before it");
    const less = 2 ** -Math.min(Math.abs(steps), 4);
    last.length *= steps > 0 ? 2 - less : less;
    this.#factor = steps > 0 ? less : 2 - less;
  }

  /** A sign holds for the letter up to the end of the bar. */
  #pitch({ letter, octave, accidental }: { letter: string; octave: number; accidental?: number }): number {
    if (accidental !== undefined) this.#signs.set(letter, accidental);
    const change = this.#signs.get(letter) ?? this.#key.get(letter) ?? 0;
    const pitch = 60 + 12 * octave + semitones[letter] + change;
    if (pitch >= 0 && pitch <= 127) return pitch;
    throw new AbcFault(`a note ${letter} is ${octave} octaves up: no instrument has it`);
  }
}
