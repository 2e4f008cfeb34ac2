/** Reads MIDI files as notes. */
import { FormatError } from "../format_error.ts";
import { type MidiEvent, readMidiChunks } from "./midi_events.ts";
import { inOrder, type Meter, type Note, type Tempo, type Tune, USUAL_TEMPO, type Voice } from "./note.ts";

/** The channel whose pitches are drums. */
export const DRUM_CHANNEL = 9;

/** Of a channel of a track. */
interface OpenVoice extends Voice {
  readonly number: number;
  /** Notes that have begun and not ended, the first one first, by pitch. */
  readonly open: Map<number, { tick: number; velocity: number }[]>;
}

/**
 * The music in a Standard MIDI File of format 0 or 1. Each channel of each track that has notes is a voice. Time is in beats,
 * which are quarter notes; a file that counts seconds is read at 120 beats a minute. A note that begins again before it has
 * ended is two notes, of which the first one ends first; one that never ends, ends with its track.
 *
 * @param bytes The whole file.
 * @param file Its name, for messages.
 * @throws {FormatError} when it is no such file, or is cut short or damaged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const notes = [{ pitch: 60, start: 0, length: 1.5, velocity: 80, voice: 0 }];
 * const tune = formats.decodeMidi(formats.encodeMidi({ notes, tempos: [{ beat: 0, bpm: 90 }] }));
 * assertEquals(tune.notes, notes);
 * assertEquals(Math.round(tune.tempos[0].bpm), 90);
 * ```
 */
export function decodeMidi(bytes: Uint8Array, file = "file"): Tune {
  const { ticksPerBeat, isInSeconds, tracks } = readMidiChunks(bytes, (reason) => {
    throw new FormatError("MIDI", file, reason);
  });
  const notes: Note[] = [];
  const voices: OpenVoice[] = [];
  for (const track of tracks) readNotes(track, ticksPerBeat, notes, voices);
  const inTime = tracks.flat().sort((a, b) => a.tick - b.tick); // stable: of one tick, the last one counts
  const tempos: Tempo[] = [];
  const meters: Meter[] = [];
  for (const event of inTime) {
    const beat = event.tick / ticksPerBeat;
    if (event.kind === "tempo" && !isInSeconds) change(tempos, { beat, bpm: event.bpm });
    if (event.kind === "meter") change(meters, { beat, count: event.count, unit: event.unit });
  }
  return {
    notes: inOrder(notes),
    tempos: tempos[0]?.beat === 0 ? tempos : [...USUAL_TEMPO, ...tempos],
    meters,
    voices: voices.map(({ name, program, isDrums }) => ({ name, program, isDrums })),
  };
}

function readNotes(
  track: readonly MidiEvent[],
  ticksPerBeat: number,
  notes: Note[],
  voices: OpenVoice[],
): void {
  const name = track.find((event) => event.kind === "name")?.name ?? "";
  const programs = new Map<number, number>();
  const own = new Map<number, OpenVoice>();
  const voiceOf = (channel: number) => {
    const known = own.get(channel);
    if (known) return known;
    const voice: OpenVoice = {
      name,
      program: programs.get(channel) ?? 0,
      isDrums: channel === DRUM_CHANNEL,
      number: voices.length,
      open: new Map(),
    };
    voices.push(voice);
    own.set(channel, voice);
    return voice;
  };
  const close = ({ number, open }: OpenVoice, pitch: number, tick: number) => {
    const begun = open.get(pitch)?.shift();
    // One that ends where it begins has no length, and is not heard.
    if (begun === undefined || begun.tick === tick) return;
    const start = begun.tick / ticksPerBeat;
    const length = (tick - begun.tick) / ticksPerBeat;
    notes.push({ pitch, start, length, velocity: begun.velocity, voice: number });
  };
  for (const event of track) {
    if (event.kind === "program") programs.set(event.channel, event.program);
    else if (event.kind === "end") {
      for (const voice of own.values()) {
        for (const [pitch, begun] of voice.open) while (begun.length > 0) close(voice, pitch, event.tick);
      }
    } else if (event.kind === "note" && (event.velocity > 0 || own.has(event.channel))) {
      const { tick, channel, pitch, velocity } = event;
      const voice = voiceOf(channel);
      if (velocity === 0) close(voice, pitch, tick);
      else {
        if (!voice.open.has(pitch)) voice.open.set(pitch, []);
        voice.open.get(pitch)!.push({ tick, velocity });
      }
    }
  }
}

/** Adds what is so from a beat on; of two at one beat, the last one counts. */
function change<T extends { readonly beat: number }>(changes: T[], next: T): void {
  if (changes.at(-1)?.beat === next.beat) changes.pop();
  changes.push(next);
}
