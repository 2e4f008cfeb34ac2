/** Plays notes: a small synthesiser, so that a tune can be listened to anywhere. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { checkNotes, secondsAt, type Tune, USUAL_TEMPO } from "../midi/note.ts";
import { addDrum, addTone, samplesOf, type Tone } from "./instruments.ts";

/** How {@linkcode synthesize} plays. */
export interface SynthesizeOptions {
  /** `"pluck"`: a string that is plucked and fades; `"organ"`: a pipe that holds. By each voice's instrument when left out. */
  readonly tone?: Tone;
  /** Samples a second, 8,000 to 192,000; 44,100 when left out. */
  readonly rate?: number;
}

/** Two channels. */
const CHANNELS = 2;

/** The loudest sample. */
const PEAK = 0.9;

/** Seconds of silence at the end, so that nothing is cut off. */
const TAIL = 0.1;

/** An hour. */
const MOST_SECONDS = 3600;

/**
 * The sound of a tune, in stereo: voices stand side by side, the first to the left. The loudest sample is 0.9, however many notes
 * sound at once, so nothing is clipped. The same notes give the same samples.
 *
 * @returns `samples` `float32` `[length, 2]` from -1 to 1, and their `rate`: what {@linkcode encodeWav} writes.
 * @throws {RangeError} when a note or a tempo is none, the rate is no such number, or the tune takes more than an hour.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const notes = [60, 64, 67].map((pitch) => ({ pitch, start: 0, length: 2, velocity: 80, voice: 0 }));
 * const { samples, rate } = formats.synthesize({ notes }, { tone: "organ", rate: 16000 }); // a second at 120 beats a minute
 * assertEquals([samples.shape[1], rate], [2, 16000]);
 * assert(samples.data.every((sample) => Math.abs(sample) < 1));
 * ```
 */
export function synthesize(
  { notes, tempos = USUAL_TEMPO, voices = [] }: Pick<Tune, "notes"> & Partial<Tune>,
  options: SynthesizeOptions = {},
): { samples: NdArray<"float32">; rate: number } {
  const attempt = "play notes";
  checkNotes(attempt, notes);
  const { tone, rate = 44_100 } = options;
  if (!(Number.isInteger(rate) && rate >= 8000 && rate <= 192_000)) {
    throw new RangeError(
      `Cannot ${attempt} at ${rate} samples a second: it takes a whole number from 8000 to 192000`,
    );
  }
  if (tone !== undefined && tone !== "pluck" && tone !== "organ") {
    throw new TypeError(`Cannot ${attempt} with tone ${JSON.stringify(tone)}: there are pluck, organ`);
  }
  const slow = tempos.find(({ bpm }) => !(bpm > 0 && Number.isFinite(bpm)));
  if (slow) throw new RangeError(`Cannot ${attempt} at ${slow.bpm} beats a minute: a tempo is above 0`);
  const played = notes.map((note) => {
    const from = secondsAt(tempos, note.start);
    const seconds = secondsAt(tempos, note.start + note.length) - from;
    const voice = voices[note.voice];
    const own: Tone | "drum" = voice?.isDrums ? "drum" : tone ?? toneOf(voice?.program ?? 0);
    return { ...note, from, seconds, tone: own };
  });
  const end = played.reduce((most, { from, seconds }) => Math.max(most, from + seconds), 0);
  if (end > MOST_SECONDS) {
    throw new RangeError(
      `Cannot ${attempt} for ${Math.round(end)} seconds: at most ${MOST_SECONDS} are played`,
    );
  }
  const all = played.map(({ from, seconds, ...rest }) => {
    const [start, held] = [Math.round(from * rate), Math.max(1, Math.round(seconds * rate))];
    return { ...rest, start, held, end: start + samplesOf(rest.tone, held, rate) };
  });
  const length = all.reduce((most, { end }) => Math.max(most, end), 0) + Math.ceil(TAIL * rate);
  const count = 1 + notes.reduce((most, { voice }) => Math.max(most, voice), 0);
  const samples = new Float32Array(length * CHANNELS);
  for (let voice = 0; voice < count; voice++) {
    const own = all.filter((note) => note.voice === voice);
    if (own.length === 0) continue;
    const out = new Float32Array(length);
    for (const { tone, pitch, start, held, velocity } of own) {
      const sounding = { out, start, held, rate, gain: (velocity / 127) ** 1.5 };
      if (tone === "drum") addDrum(pitch, sounding);
      else addTone(tone, pitch, sounding);
    }
    // As loud in the middle as at a side: a quarter turn of a circle.
    const side = Math.PI / 4 * (count === 1 ? 1 : 0.6 + 0.8 * voice / (count - 1));
    const [left, right] = [Math.cos(side), Math.sin(side)];
    for (let i = 0; i < length; i++) {
      samples[2 * i] += left * out[i];
      samples[2 * i + 1] += right * out[i];
    }
  }
  let loudest = 0;
  for (let i = 0; i < samples.length; i++) loudest = Math.max(loudest, Math.abs(samples[i]));
  if (loudest > 0) { for (let i = 0; i < samples.length; i++) samples[i] *= PEAK / loudest; }
  return { samples: ndarray("float32", [length, CHANNELS], samples), rate };
}

/** Of General MIDI's instruments, organs, strings, voices and winds hold their notes. */
const toneOf = (program: number): Tone =>
  program >= 16 && program <= 23 || program >= 40 && program <= 44 || program >= 48 && program <= 79
    ? "organ"
    : "pluck";
