/** Pieces of music on a grid as fields of a data set. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { type Field, numbers, tokens } from "../field.ts";
import { LOWEST_KEY, PIANO_KEYS } from "./piano_roll.ts";

/** Steps, each with the MIDI pitches that sound. */
export type Piece = readonly (readonly number[])[];

/** Goes through all steps of all pieces. */
export function forEachStep(
  pieces: readonly Piece[],
  use: (piece: number, step: number, pitches: readonly number[]) => void,
): void {
  for (const [number, piece] of pieces.entries()) {
    for (const [step, pitches] of piece.entries()) use(number, step, pitches);
  }
}

/** Which keys are down, in so many steps of each piece: field `roll`, `[pieces, steps, 88]` of 0 and 1. */
export function rollField(pieces: readonly Piece[], steps: number): Record<string, Field> {
  const roll = new Uint8Array(pieces.length * steps * PIANO_KEYS);
  forEachStep(pieces, (piece, step, pitches) => {
    for (const pitch of pitches) roll[(piece * steps + step) * PIANO_KEYS + pitch - LOWEST_KEY] = 1;
  });
  return { roll: numbers(ndarray("uint8", [pieces.length, steps, PIANO_KEYS], roll), { scale: 1 }) };
}

/** Where each piece ends: fields `length`, `[pieces]`, and `mask`, `[pieces, steps]`, 1 up to there. */
export function endsOf(lengths: readonly number[], steps: number): Record<string, Field> {
  const mask: NdArray = ndarray("uint8", [lengths.length, steps], new Uint8Array(lengths.length * steps));
  for (const [piece, length] of lengths.entries()) mask.data.fill(1, piece * steps, piece * steps + length);
  return { length: tokens(ndarray("int32", [lengths.length], lengths)), mask: numbers(mask, { scale: 1 }) };
}
