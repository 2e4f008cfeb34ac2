/** Draws music as piano rolls: time to the right, pitches upwards, a bar of colour for each note. */
import type { NdArray } from "../../engine/array.ts";
import { checkNotes, type Note, type Tune } from "../midi/note.ts";
import { Canvas, type Color, textHeight, textWidth } from "./canvas.ts";

/** How {@linkcode pianoRoll} draws. */
export interface PianoRollOptions {
  /** What stands above; nothing when left out. */
  readonly title?: string;
  /** Beats of a line; longer music goes on in the next one, as in a score. 64 when left out. */
  readonly beatsPerLine?: number;
  /** Pixels of a beat, at least 2; 16 when left out. */
  readonly beatWidth?: number;
  /** Pixels of a semitone, at least 2; 6 when left out. */
  readonly keyHeight?: number;
}

const paper: Color = [255, 255, 255];
const blackKey: Color = [242, 242, 245];
const line: Color = [228, 228, 232];
const strong: Color = [196, 196, 204];
const ink: Color = [70, 70, 78];

/** One for each voice, the first ones apart for people who see red and green alike. */
const colors: readonly Color[] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [230, 159, 0],
  [110, 110, 120],
];

const isBlack = (pitch: number) => [1, 3, 6, 8, 10].includes(pitch % 12);
const margin = 10;
const gutter = textWidth("C-1") + 6;
/** The widest and highest picture. */
const MOST_PIXELS = 100_000_000;

/**
 * Draws notes, a colour for each voice: softly struck ones are paler. Rows of black keys are shaded, and there is a line for each
 * bar, or for every four beats where there is no meter.
 *
 * @returns uint8 `[height, width, 3]`, for {@linkcode encodePng}.
 * @throws {RangeError} when a note is none, or the picture would have more than 100 million pixels.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const notes = [60, 64, 67, 72].map((pitch, i) => ({ pitch, start: i, length: 1, velocity: 80, voice: 0 }));
 * const file = await formats.encodePng(formats.pianoRoll({ notes }, { title: "C major" }));
 * console.log(file.length > 100); // true
 * ```
 */
export function pianoRoll(
  { notes, meters = [] }: Pick<Tune, "notes"> & Partial<Tune>,
  options: PianoRollOptions = {},
): NdArray {
  const attempt = "draw a piano roll";
  checkNotes(attempt, notes);
  const { title, beatsPerLine = 64, beatWidth = 16, keyHeight = 6 } = options;
  for (
    const [name, value, least] of [["beatsPerLine", beatsPerLine, 1], ["beatWidth", beatWidth, 2], [
      "keyHeight",
      keyHeight,
      2,
    ]] as const
  ) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(
        `Cannot ${attempt} with ${name} ${value}: it has to be a whole number from ${least}`,
      );
    }
  }
  const end = notes.reduce((most, { start, length }) => Math.max(most, start + length), 1);
  const lines = Math.ceil(end / beatsPerLine - 1e-9);
  const beats = Math.ceil(Math.min(end, beatsPerLine) - 1e-9);
  const [lowest, highest] = keysOf(notes);
  const top = margin + (title ? textHeight(2) + margin : 0);
  const lineHeight = (highest - lowest + 1) * keyHeight + margin;
  const [height, width] = [top + lines * lineHeight, margin + gutter + beats * beatWidth + margin];
  if (height * width > MOST_PIXELS) {
    throw new RangeError(
      `Cannot ${attempt} of ${
        Math.ceil(end)
      } beats in ${height} x ${width} pixels: at most ${MOST_PIXELS} are drawn; take ` +
        `a part, or fewer pixels a beat`,
    );
  }
  const canvas = new Canvas(height, width, paper);
  if (title) canvas.drawText(title, { x: margin, y: margin }, ink, 2);
  const left = margin + gutter;
  const bars = barLines(meters, end);
  for (let number = 0; number < lines; number++) {
    const [from, y] = [number * beatsPerLine, top + number * lineHeight];
    const until = Math.min(from + beatsPerLine, end);
    const place = (beat: number) => left + Math.round((beat - from) * beatWidth);
    const wide = place(until) - left;
    for (let pitch = lowest; pitch <= highest; pitch++) {
      const row = y + (highest - pitch) * keyHeight;
      if (isBlack(pitch)) canvas.fillRectangle({ x: left, y: row }, keyHeight, wide, blackKey);
      if (pitch % 12 !== 0) continue;
      canvas.fillRectangle({ x: left, y: row + keyHeight - 1 }, 1, wide, strong);
      canvas.drawText(`C${pitch / 12 - 1}`, { x: margin, y: row + keyHeight - textHeight() }, ink);
    }
    const down = (highest - lowest + 1) * keyHeight;
    for (let beat = Math.ceil(from); beat <= until; beat++) {
      if (beatWidth >= 8) canvas.fillRectangle({ x: place(beat), y }, down, 1, line);
    }
    for (const beat of bars) {
      if (beat >= from && beat <= until + 1e-9) canvas.fillRectangle({ x: place(beat), y }, down, 1, strong);
    }
    for (const { pitch, start, length, velocity, voice } of notes) {
      const [first, last] = [Math.max(start, from), Math.min(start + length, until)];
      if (last <= first) continue;
      // A pixel is left between notes, so that two of one pitch are seen as two.
      const wide = Math.max(1, place(last) - place(first) - 1);
      const at = { x: place(first) + 1, y: y + (highest - pitch) * keyHeight };
      canvas.fillRectangle(
        at,
        Math.max(1, keyHeight - 1),
        wide,
        paler(colors[voice % colors.length], velocity),
      );
    }
  }
  return canvas.image;
}

/** Whole octaves look alike from piece to piece: from the C below the lowest note to the B above the highest. */
function keysOf(notes: readonly Note[]): [lowest: number, highest: number] {
  const lowest = notes.reduce((least, { pitch }) => Math.min(least, pitch), notes.length > 0 ? 127 : 60);
  const highest = notes.reduce((most, { pitch }) => Math.max(most, pitch), notes.length > 0 ? 0 : 71);
  return [Math.floor(lowest / 12) * 12, Math.min(127, Math.floor(highest / 12) * 12 + 11)];
}

function barLines(meters: Tune["meters"], end: number): number[] {
  const changes = meters[0]?.beat === 0 ? meters : [{ beat: 0, count: 4, unit: 4 }, ...meters];
  const beats: number[] = [];
  for (const [i, { beat, count, unit }] of changes.entries()) {
    const until = Math.min(changes[i + 1]?.beat ?? end, end);
    for (let at = beat; at <= until + 1e-9; at += 4 * count / unit) beats.push(at);
  }
  return beats;
}

/** Half of the way to paper, for what is hardly heard. */
function paler(color: Color, velocity: number): Color {
  const share = Math.min(1, 0.5 + velocity / 160);
  const [red, green, blue] = color.map((part) => Math.round(255 + (part - 255) * share));
  return [red, green, blue];
}
