/** Chords as a tune, and the tune as files to hear and to see. */
import type { NdArray } from "../../engine/array.ts";
import { notesOfRoll, notesOfVoices } from "../../data/music/piano_roll.ts";
import { choirRanges } from "../../data/music/voice_leading.ts";
import { pianoRoll } from "../../formats/drawing/piano_roll.ts";
import { encodeMidi } from "../../formats/midi/midi_encoder.ts";
import type { Tune, Voice } from "../../formats/midi/note.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { synthesize } from "../../formats/sound/synthesize.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import type { MusicDescription } from "./music_description.ts";

/** Beats of a bar. */
export const BAR = 4;

/** Instruments of General MIDI. */
const [PIANO, ORGAN] = [0, 19];

/** Samples a second: enough for the highest notes, and half of a CD's. */
const RATE = 22_050;

/** What the names of a tune's files end in, first that of its notes. */
export const tuneExtensions = [".mid", ".wav", ".png"] as const;

/** The tune of chords `[steps, 88]` or `[steps, voices]`. */
export function tuneOf(chords: NdArray, { step, isChoir }: MusicDescription, tempo: number): Tune {
  const isKeys = chords.dtype === "float32";
  // Syllables of a chorale are sung anew; of what has shorter steps nobody knows which notes are held.
  const options = { step, join: !(isChoir && step >= 1) };
  const notes = isKeys ? notesOfRoll(chords, options) : notesOfVoices(chords, options);
  const names = isChoir && !isKeys ? choirRanges.map(({ name }) => name) : [];
  const count = isKeys ? 1 : chords.shape[1];
  const voices = Array.from({ length: count }, (_, i): Voice => ({
    name: names[i] ?? "",
    program: isChoir ? ORGAN : PIANO,
    isDrums: false,
  }));
  return { notes, voices, tempos: [{ beat: 0, bpm: tempo }], meters: [{ beat: 0, count: BAR, unit: 4 }] };
}

/** A tune as MIDI, as sound and as a picture, by {@linkcode tuneExtensions}. */
export async function tuneFiles(
  tune: Tune,
  title: string,
): Promise<Record<typeof tuneExtensions[number], Uint8Array>> {
  return {
    ".mid": encodeMidi(tune),
    ".wav": encodeWav(synthesize(tune, { rate: RATE })),
    ".png": await encodePng(pianoRoll(tune, { title })),
  };
}
