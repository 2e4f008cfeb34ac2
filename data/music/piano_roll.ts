/** Music as a grid: which keys of a piano are down at each step, and notes of it again. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { above, flag, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { checkNotes, inOrder, type Note } from "../../formats/midi/note.ts";

/** The lowest key of a piano, as MIDI counts: column 0 of a roll. */
export const LOWEST_KEY = 21;

/** The keys of a piano: columns of a roll. */
export const PIANO_KEYS = 88;

/** What voices hold where nothing sounds: the pitch after the last. */
export const SILENCE = 128;

/** The most steps of a roll: more is no music, but a file in which a note waits for days. */
const MOST_STEPS = 250_000;

/** The first step of a note, and the one behind its last. */
function stepsOf({ start, length }: Note, step: number): [first: number, end: number] {
  const first = Math.round(start / step);
  return [first, Math.max(Math.round((start + length) / step), first + 1)];
}

/** How many steps there are notes for; why there is no roll of so many, where there are too many. */
export function countSteps(notes: readonly Note[], step: number): number | string {
  const steps = notes.reduce((most, note) => Math.max(most, stepsOf(note, step)[1]), 1);
  if (steps <= MOST_STEPS) return steps;
  return `it goes on for ${steps} steps of ${step} beats, and ${MOST_STEPS} are the most`;
}

/** How a grid stands for notes. */
export interface GridOptions {
  /** Beats of a step; 1 when left out. */
  readonly step?: number;
  /** How hard notes are struck, 1 to 127; 80 when left out. */
  readonly velocity?: number;
  /** Whether the same pitch in steps that follow each other is one long note, as it is when left out, or struck again. */
  readonly join?: boolean;
}

const gridOptions = {
  step: optional(above(0), 1),
  velocity: optional(whole(1, 127), 80),
  join: optional(flag, true),
};

/**
 * Notes as a piano roll, `uint8` `[steps, 88]`: 1 where a key is down for at least half a step. Column 0 is the lowest key, the
 * A of MIDI pitch 21. A note is down in at least one step. Pitches beyond the keys are left out.
 *
 * @param options `step`: beats of a step, 1 when left out; `steps`: as many as there are notes for when left out.
 * @throws {RangeError} when there are more than 250,000.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data } from "@gesso/gesso";
 *
 * const notes = [{ pitch: 60, start: 0, length: 2, velocity: 80, voice: 0 }];
 * const roll = data.rollOfNotes(notes);
 * assertEquals(roll.shape, [2, 88]);
 * assertEquals(data.notesOfRoll(roll), notes);
 * ```
 */
export function rollOfNotes(
  notes: readonly Note[],
  options: { step?: number; steps?: number } = {},
): NdArray<"uint8"> {
  const attempt = "make a piano roll";
  checkNotes(attempt, notes);
  const { step, steps: given } = readOptions(attempt, options, {
    step: optional(above(0), 1),
    steps: optional(whole(1)),
  });
  const steps = given ?? countSteps(notes, step);
  if (typeof steps === "string") throw new RangeError(`Cannot ${attempt}: ${steps}`);
  const roll = ndarray("uint8", [steps, PIANO_KEYS], new Uint8Array(steps * PIANO_KEYS));
  for (const note of notes) {
    const key = note.pitch - LOWEST_KEY;
    if (key < 0 || key >= PIANO_KEYS) continue;
    const [first, end] = stepsOf(note, step);
    for (let at = first; at < Math.min(end, steps); at++) roll.data[at * PIANO_KEYS + key] = 1;
  }
  return roll;
}

/**
 * The notes of a piano roll.
 *
 * @param roll `[steps, 88]`: a key is down where the number is above one half.
 * @throws {RangeError} when the shape is another.
 */
export function notesOfRoll(roll: NdArray, options: GridOptions = {}): Note[] {
  const [steps, keys] = roll.shape;
  if (roll.shape.length !== 2 || keys !== PIANO_KEYS) {
    throw new RangeError(
      `Cannot take notes of a roll of shape [${roll.shape.join(", ")}]: it takes [steps, 88]`,
    );
  }
  const pitchOf = (at: number, key: number) =>
    roll.data[at * PIANO_KEYS + key] > 0.5 ? key + LOWEST_KEY : SILENCE;
  return gridNotes(steps, PIANO_KEYS, pitchOf, () => 0, options);
}

/**
 * The notes of voices.
 *
 * @param voices `[steps, voices]`: the MIDI pitch that a voice sings, or 128 where it is silent.
 * @throws {RangeError} when the shape is another.
 */
export function notesOfVoices(voices: NdArray, options: GridOptions = {}): Note[] {
  const [steps, count] = voices.shape;
  if (voices.shape.length !== 2) {
    throw new RangeError(
      `Cannot take notes of voices of shape [${voices.shape.join(", ")}]: it takes [steps, voices]`,
    );
  }
  return gridNotes(steps, count, (at, voice) => voices.data[at * count + voice], (voice) => voice, options);
}

/** Goes along each column of a grid. */
function gridNotes(
  steps: number,
  columns: number,
  pitchOf: (step: number, column: number) => number,
  voiceOf: (column: number) => number,
  options: GridOptions,
): Note[] {
  const { step, velocity, join } = readOptions("take notes of a grid", options, gridOptions);
  const notes: Note[] = [];
  for (let column = 0; column < columns; column++) {
    for (let at = 0; at < steps;) {
      const [pitch, start] = [pitchOf(at, column), at++];
      if (pitch < 0 || pitch >= SILENCE) continue;
      while (join && at < steps && pitchOf(at, column) === pitch) at++;
      notes.push({
        pitch,
        start: start * step,
        length: (at - start) * step,
        velocity,
        voice: voiceOf(column),
      });
    }
  }
  return inOrder(notes);
}
