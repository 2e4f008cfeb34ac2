/** Music as notes in time. */

/** A note: one pitch from a beat on. A beat is a quarter note, whatever the meter. */
export interface Note {
  /** Semitones as MIDI counts them, 0 to 127: 60 is the C in the middle of a piano, 69 the A of 440 Hz. */
  readonly pitch: number;
  /** Where it begins, in beats from 0. */
  readonly start: number;
  /** How long it sounds, in beats, above 0. */
  readonly length: number;
  /** How hard it is struck, 1 to 127. */
  readonly velocity: number;
  /** Which voice plays it, from 0. */
  readonly voice: number;
}

/** Who plays: an instrument, or a line of a score. */
export interface Voice {
  /** What it is called; empty where nothing is said. */
  readonly name: string;
  /** The instrument, 0 to 127, as General MIDI numbers them: 0 is a piano, 19 a church organ. */
  readonly program: number;
  /** Whether pitches are drums. */
  readonly isDrums: boolean;
}

/** From a beat on, how fast the music goes. */
export interface Tempo {
  /** The beat. */
  readonly beat: number;
  /** Beats a minute. */
  readonly bpm: number;
}

/** From a beat on, how bars are counted. */
export interface Meter {
  /** The beat. */
  readonly beat: number;
  /** The upper number: units in a bar. */
  readonly count: number;
  /** The lower number: 4 for quarter notes, 8 for eighths. */
  readonly unit: number;
}

/** A piece of music. */
export interface Tune {
  /** The notes by their beginnings. */
  readonly notes: readonly Note[];
  /** Each change of tempo, the first one at beat 0; 120 beats a minute where nothing is said. */
  readonly tempos: readonly Tempo[];
  /** Each change of meter; none where nothing is said. */
  readonly meters: readonly Meter[];
  /** The voices that notes name by their numbers. */
  readonly voices: readonly Voice[];
}

/** The tempo where nothing is said. */
export const USUAL_TEMPO: readonly Tempo[] = [{ beat: 0, bpm: 120 }];

/** By their beginnings, then by voice and pitch: one order for the same music. */
export const inOrder = (notes: readonly Note[]): Note[] =>
  [...notes].sort((a, b) =>
    a.start - b.start || a.voice - b.voice || a.pitch - b.pitch || a.length - b.length
  );

/**
 * How many seconds from the beginning a beat is.
 *
 * @param tempos Each change of tempo, in order, the first one at beat 0, as in {@linkcode Tune}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const tempos = [{ beat: 0, bpm: 60 }, { beat: 4, bpm: 120 }];
 * assertEquals([formats.secondsAt(tempos, 3), formats.secondsAt(tempos, 6)], [3, 5]);
 * ```
 */
export function secondsAt(tempos: readonly Tempo[], beat: number): number {
  let seconds = 0;
  for (const [i, tempo] of tempos.entries()) {
    const start = i === 0 ? 0 : tempo.beat;
    const end = Math.min(beat, tempos[i + 1]?.beat ?? Infinity);
    if (end <= start) break;
    seconds += (end - start) * 60 / tempo.bpm;
  }
  return seconds;
}

/**
 * Notes, once it is sure that they are such.
 *
 * @param attempt What is being done, for messages: `write a MIDI file`.
 * @throws {RangeError} that names the first that is none.
 */
export function checkNotes(attempt: string, notes: readonly Note[], voices = Infinity): readonly Note[] {
  for (const [i, { pitch, start, length, velocity, voice }] of notes.entries()) {
    const fault = !isWithin(pitch, 0, 127)
      ? `pitch ${pitch}: pitches are whole numbers from 0 to 127`
      : !(start >= 0 && Number.isFinite(start))
      ? `start ${start}: music begins at beat 0`
      : !(length > 0 && Number.isFinite(length))
      ? `length ${length}: a note sounds for a time above 0`
      : !isWithin(velocity, 1, 127)
      ? `velocity ${velocity}: velocities are whole numbers from 1 to 127`
      : !isWithin(voice, 0, voices - 1)
      ? `voice ${voice}: ${
        voices === Infinity ? "voices count from 0" : `there are ${voices}, counted from 0`
      }`
      : undefined;
    if (fault) throw new RangeError(`Cannot ${attempt} with note ${i} of ${fault}`);
  }
  return notes;
}

const isWithin = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;
