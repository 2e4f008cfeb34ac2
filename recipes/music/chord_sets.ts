/** Pieces of music as what a model of chords is trained on. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Dataset } from "../../data/dataset.ts";
import { numbers, tokens } from "../../data/field.ts";
import { LOWEST_KEY, PIANO_KEYS, SILENCE } from "../../data/music/piano_roll.ts";
import type { TrainValidationTest } from "../../data/music/three_parts.ts";

/** How chords are seen: as keys of a piano, or as voices. */
export type Head = "keys" | "voices";

/** Steps, each with MIDI pitches: those that sound, or one for each voice, with silence where it has none. */
export type Piece = readonly (readonly number[])[];

/** Pieces to train on, to choose by and to judge by. */
export type Pieces = Readonly<Record<keyof TrainValidationTest, readonly Piece[]>>;

/** What sounds at each step of a piano roll `[steps, 88]`. */
export const chordsOfRoll = ({ shape: [steps, size], data }: NdArray): number[][] =>
  Array.from({ length: steps }, (_, step) => {
    const keys = Array.from({ length: size }, (_, key) => key).filter((key) => data[step * size + key] > 0);
    return keys.map((key) => key + LOWEST_KEY);
  });

/** The chords of voices `[steps, voices]`. */
export const chordsOfVoices = ({ shape: [steps, size], data }: NdArray): number[][] =>
  Array.from(
    { length: steps },
    (_, step) => Array.from({ length: size }, (_, voice) => data[step * size + voice]),
  );

/** The pieces of rolls or voices, as `chorales` and the like give them. */
export function piecesOf({ fields }: Dataset): Piece[] {
  const { values: { dtype, shape: [, steps, size], data } } = fields.roll ?? fields.voices;
  return Array.from(fields.length.values.data, (length, piece) => {
    const own = data.slice(piece * steps * size, (piece * steps + Number(length)) * size);
    const array = ndarray(dtype, [Number(length), size], own);
    return fields.roll ? chordsOfRoll(array) : chordsOfVoices(array);
  });
}

/** Each step's highest notes, from above, as so many voices. */
export const voicesByHeight = (piece: Piece, voices: number): Piece =>
  piece.map((pitches) => {
    const fromAbove = [...pitches].sort((a, b) => b - a).slice(0, voices);
    return [...fromAbove, ...Array.from({ length: voices - fromAbove.length }, () => SILENCE)];
  });

/** As many voices as all but one chord in a hundred need, at most eight. */
export function voicesNeeded(pieces: readonly Piece[]): number {
  const sizes = pieces.flat().map((pitches) => pitches.length).sort((a, b) => a - b);
  return Math.min(8, Math.max(1, sizes[Math.floor(0.99 * (sizes.length - 1))]));
}

/** Longer pieces are trained on in parts of so many steps, of which the first ones, if they are no beginning, only lead in. */
const [PART, LEAD] = [64, 8];

/** A stretch of a piece: chords from `from` on count. */
interface Row {
  readonly chords: Piece;
  readonly from: number;
}

/**
 * Data sets: `chords` `[rows, steps, ...]`, of which those count from `from` `[rows]` up to but without `length` `[rows]`; `weight`
 * `[rows]`, which makes means over rows means over steps that count; and `down` and `up` `[rows]`, by how many semitones at most each
 * may be moved so that its voices stay where those of all pieces that are trained on are. Rows are whole pieces but for training.
 */
export function chordSets(name: string, pieces: Pieces, head: Head, most: number): TrainValidationTest {
  const ranges = rangesOf(pieces.train.flat(), head);
  const part = (rows: readonly Row[], part: string) => {
    const steps = Math.max(...rows.map(({ chords }) => chords.length));
    const moves = rows.map(({ chords }) => movesOf(rangesOf(chords, head), ranges, most));
    const each = (values: number[]) => tokens(ndarray("int32", [rows.length], values));
    const counted = rows.reduce((sum, { chords, from }) => sum + chords.length - from, 0);
    const all = rows.map(({ chords }) => chords);
    return new Dataset({
      name: `${name} ${part}`,
      fields: {
        chords: head === "keys" ? keys(all, steps) : voices(all, steps),
        from: each(rows.map(({ from }) => from)),
        length: each(all.map((chords) => chords.length)),
        weight: numbers(ndarray("float32", [rows.length], rows.map(() => rows.length / counted))),
        down: each(moves.map(({ down }) => down)),
        up: each(moves.map(({ up }) => up)),
      },
    });
  };
  const whole = (own: readonly Piece[]) => own.map((chords) => ({ chords, from: 0 }));
  return {
    train: part(pieces.train.flatMap(partsOf), "train"),
    validation: part(whole(pieces.validation), "validation"),
    test: part(whole(pieces.test), "test"),
  };
}

/** A long piece in parts, each of which begins a little before the end of the last. */
function partsOf(piece: Piece): Row[] {
  const rows: Row[] = [{ chords: piece.slice(0, PART), from: 0 }];
  for (let at = PART; at < piece.length; at += PART - LEAD) {
    rows.push({ chords: piece.slice(at - LEAD, at - LEAD + PART), from: LEAD });
  }
  return rows;
}

function keys(pieces: readonly Piece[], steps: number) {
  const roll = new Uint8Array(pieces.length * steps * PIANO_KEYS);
  for (const [number, piece] of pieces.entries()) {
    for (const [step, pitches] of piece.entries()) {
      for (const pitch of pitches) roll[(number * steps + step) * PIANO_KEYS + pitch - LOWEST_KEY] = 1;
    }
  }
  return numbers(ndarray("uint8", [pieces.length, steps, PIANO_KEYS], roll), { scale: 1 });
}

function voices(pieces: readonly Piece[], steps: number) {
  const count = pieces[0][0].length;
  const all = new Uint8Array(pieces.length * steps * count).fill(SILENCE);
  for (const [number, piece] of pieces.entries()) all.set(piece.flat(), number * steps * count);
  return tokens(ndarray("uint8", [pieces.length, steps, count], all));
}

interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** What each voice sings; of keys, what all of them do. */
function rangesOf(chords: Piece, head: Head): Range[] {
  const lists = head === "keys"
    ? [chords.flat()]
    : chords[0].map((_, voice) => chords.map((chord) => chord[voice]));
  return lists.map((pitches) => {
    const sung = pitches.filter((pitch) => pitch < SILENCE);
    const of = (choose: (a: number, b: number) => number, first: number) =>
      sung.reduce((a, b) => choose(a, b), first);
    return { lowest: of(Math.min, Infinity), highest: of(Math.max, -Infinity) };
  });
}

/** What is trained on has no wider ranges than all of it; other pieces may, and stay where they are. */
function movesOf(own: readonly Range[], all: readonly Range[], most: number): { down: number; up: number } {
  const room = (of: (own: Range, all: Range) => number) =>
    Math.max(0, Math.min(most, ...own.map((range, voice) => of(range, all[voice]))));
  return {
    down: room((own, all) => own.lowest - all.lowest),
    up: room((own, all) => all.highest - own.highest),
  };
}
