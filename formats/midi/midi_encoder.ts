/** Writes notes as MIDI files. */
import { DRUM_CHANNEL } from "./midi_decoder.ts";
import { checkNotes, type Note, type Tune, USUAL_TEMPO, type Voice } from "./note.ts";

/** Ticks of a beat: halves down to 1/32 and thirds of them are whole. */
const TICKS = 480;

/** The largest number that a file holds. */
const MOST = 2 ** 28 - 1;

/** Channels for pitches: all but that of drums. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];

/** Some bytes that are due at a tick; of several at one tick, those of a lower rank come first. */
interface Due {
  readonly tick: number;
  readonly rank: number;
  readonly bytes: readonly number[];
}

/**
 * A Standard MIDI File of format 1: a track with tempos and meters, then one for each voice. Beats are rounded to 480 ticks.
 *
 * @param tune Notes, and whatever else is known: 120 beats a minute and pianos when left out.
 * @throws {RangeError} when a note, a tempo or a meter is none, or there are more than 15 voices besides drums.
 *
 * @example
 * ```ts ignore
 * import { encodeMidi } from "@gesso/gesso";
 *
 * const notes = [60, 64, 67].map((pitch, i) => ({ pitch, start: i, length: 1, velocity: 80, voice: 0 }));
 * await Deno.writeFile("chord.mid", encodeMidi({ notes }));
 * ```
 */
export function encodeMidi(tune: Pick<Tune, "notes"> & Partial<Tune>): Uint8Array<ArrayBuffer> {
  const attempt = "write a MIDI file";
  const { notes, tempos = USUAL_TEMPO, meters = [] } = tune;
  checkNotes(attempt, notes, tune.voices?.length);
  const voices = tune.voices ?? voicesOf(notes);
  const channels = channelsOf(attempt, voices);
  const conductor: Due[] = [
    ...tempos.map(({ beat, bpm }) => ({
      tick: ticksAt(attempt, beat),
      rank: 0,
      bytes: tempoBytes(attempt, bpm),
    })),
    ...meters.map(({ beat, count, unit }) => ({
      tick: ticksAt(attempt, beat),
      rank: 0,
      bytes: meterBytes(attempt, count, unit),
    })),
  ];
  const tracks = voices.map((voice, number) => [
    ...voiceEvents(attempt, voice, channels[number]),
    ...notes.filter((note) => note.voice === number).flatMap((note) =>
      noteEvents(attempt, note, channels[number])
    ),
  ]);
  const chunks = [conductor, ...tracks].map(trackBytes);
  const bytes = [...ascii("MThd"), ...big(6, 4), ...big(1, 2), ...big(chunks.length, 2), ...big(TICKS, 2)];
  return Uint8Array.from(bytes.concat(...chunks));
}

function voicesOf(notes: readonly Note[]): Voice[] {
  const count = notes.reduce((most, { voice }) => Math.max(most, voice + 1), 0);
  return Array.from({ length: count }, () => ({ name: "", program: 0, isDrums: false }));
}

function channelsOf(attempt: string, voices: readonly Voice[]): number[] {
  const pitched = voices.filter(({ isDrums }) => !isDrums).length;
  if (pitched > CHANNELS.length) {
    throw new RangeError(
      `Cannot ${attempt} with ${pitched} voices besides drums: there are ${CHANNELS.length} channels`,
    );
  }
  let next = 0;
  return voices.map(({ isDrums }) => isDrums ? DRUM_CHANNEL : CHANNELS[next++]);
}

function voiceEvents(attempt: string, { name, program }: Voice, channel: number): Due[] {
  if (!(Number.isInteger(program) && program >= 0 && program <= 127)) {
    throw new RangeError(
      `Cannot ${attempt} with program ${program}: programs are whole numbers from 0 to 127`,
    );
  }
  const text = [...new TextEncoder().encode(name)];
  const title = text.length > 0
    ? [{ tick: 0, rank: 0, bytes: [0xff, 0x03, ...number(text.length), ...text] }]
    : [];
  return [...title, { tick: 0, rank: 0, bytes: [0xc0 | channel, program] }];
}

/** Ends come before beginnings, so that a note that is struck again is two. */
function noteEvents(attempt: string, { pitch, start, length, velocity }: Note, channel: number): Due[] {
  const tick = ticksAt(attempt, start);
  const end = Math.max(ticksAt(attempt, start + length), tick + 1);
  return [
    { tick, rank: 2, bytes: [0x90 | channel, pitch, velocity] },
    { tick: end, rank: 1, bytes: [0x80 | channel, pitch, 0] },
  ];
}

function ticksAt(attempt: string, beat: number): number {
  const tick = Math.round(beat * TICKS);
  if (tick >= 0 && tick < MOST) return tick;
  throw new RangeError(
    `Cannot ${attempt} with beat ${beat}: beats are from 0 to ${Math.floor(MOST / TICKS)}`,
  );
}

function tempoBytes(attempt: string, bpm: number): number[] {
  const microseconds = Math.round(60e6 / bpm);
  if (microseconds >= 1 && microseconds < 2 ** 24) return [0xff, 0x51, 3, ...big(microseconds, 3)];
  throw new RangeError(`Cannot ${attempt} with ${bpm} beats a minute: it is 3.6 or more`);
}

function meterBytes(attempt: string, count: number, unit: number): number[] {
  const power = Math.log2(unit);
  const isMeter = Number.isInteger(count) && count >= 1 && count <= 255 && Number.isInteger(power) &&
    power >= 0 &&
    power <= 7;
  // The last two: clocks of a metronome's click, and 32nd notes of a beat.
  if (isMeter) return [0xff, 0x58, 4, count, power, 24, 8];
  throw new RangeError(
    `Cannot ${attempt} with meter ${count}/${unit}: it takes 1 to 255 over a power of two up to 128`,
  );
}

function trackBytes(due: readonly Due[]): number[] {
  const inTime = [...due].sort((a, b) => a.tick - b.tick || a.rank - b.rank);
  const bytes: number[] = [];
  let at = 0;
  for (const { tick, bytes: own } of inTime) {
    bytes.push(...number(tick - at), ...own);
    at = tick;
  }
  bytes.push(0, 0xff, 0x2f, 0);
  return [...ascii("MTrk"), ...big(bytes.length, 4)].concat(bytes);
}

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

const big = (value: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);

/** Seven bits a byte, the first ones first; all but the last byte have the top bit. */
function number(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(128 + rest % 128);
  }
  return bytes;
}
