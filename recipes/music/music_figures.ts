/** What music is like, in figures that can be laid beside those of other music. */
import { ndarray } from "../../engine/array.ts";
import { SILENCE } from "../../data/music/piano_roll.ts";
import { choirRanges, voiceLeading } from "../../data/music/voice_leading.ts";
import { percent } from "../number_text.ts";
import type { Piece } from "./chord_sets.ts";

/** Chords in a row that are looked for in what was trained on. */
const RUN = 4;

/** A figure of music: what it is, and its value in words. */
export type Figure = readonly [what: string, value: string];

/**
 * Figures of pieces: of those for a choir what a teacher looks for, of all how they compare with what was trained on.
 *
 * @param known Pieces that were trained on.
 */
export function musicFigures(pieces: readonly Piece[], known: readonly Piece[], isChoir: boolean): Figure[] {
  const chords = pieces.flat();
  const sung = chords.map((chord) => chord.filter((pitch) => pitch < SILENCE));
  const notes = sung.reduce((sum, chord) => sum + chord.length, 0);
  const silent = sung.filter((chord) => chord.length === 0).length;
  const repeated = count(pieces, (chord, before) => before !== undefined && keyOf(chord) === keyOf(before));
  return [
    ...isChoir ? choirFigures(pieces) : [],
    ["notes a step", (notes / chords.length).toFixed(2)],
    ["silent steps", percent(silent / chords.length)],
    ["chords as the one before", percent(repeated / chords.length)],
    ["chords that were trained on", percent(knownPart(pieces, known, 1))],
    [`runs of ${RUN} chords that were trained on`, percent(knownPart(pieces, known, RUN))],
  ];
}

function choirFigures(pieces: readonly Piece[]): Figure[] {
  const found = pieces.map((piece) => ({
    ...voiceLeading(ndarray("uint8", [piece.length, choirRanges.length], piece.flat())),
    steps: piece.length,
  }));
  const total = (of: (one: typeof found[number]) => number) => found.reduce((sum, one) => sum + of(one), 0);
  const steps = total((one) => one.steps);
  const silent = total((one) => one.silent.reduce((sum, n) => sum + n, 0));
  const parallel = (interval: "fifth" | "octave") =>
    percent(
      total((one) => one.parallels.filter((p) => p.interval === interval).length) / total((one) => one.moves),
    );
  return [
    [
      "notes out of their voice's range",
      percent(total((one) => one.outOfRange.length) / (4 * steps - silent)),
    ],
    ["moves of two voices in parallel fifths", parallel("fifth")],
    ["moves of two voices in parallel octaves", parallel("octave")],
    ["steps with voices crossing", percent(total((one) => one.crossings) / steps)],
    ["voices silent", percent(silent / (4 * steps))],
  ];
}

const keyOf = (chord: readonly number[]) => chord.join();

function count(
  pieces: readonly Piece[],
  holds: (chord: Piece[number], before: Piece[number] | undefined) => boolean,
) {
  return pieces.reduce(
    (sum, piece) => sum + piece.filter((chord, i) => holds(chord, piece[i - 1])).length,
    0,
  );
}

/** Which part of runs of so many chords is among those that were trained on. */
function knownPart(pieces: readonly Piece[], known: readonly Piece[], run: number): number {
  const runs = (of: readonly Piece[]) =>
    of.flatMap((piece) =>
      Array.from(
        { length: Math.max(0, piece.length - run + 1) },
        (_, i) => piece.slice(i, i + run).map(keyOf).join(";"),
      )
    );
  const all = new Set(runs(known));
  const own = runs(pieces);
  return own.filter((one) => all.has(one)).length / Math.max(1, own.length);
}
