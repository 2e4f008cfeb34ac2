/** How far sounds are from each other: the mean of how much louder or quieter their bands are, where one of them is heard. */
import type { NdArray } from "../../engine/array.ts";
import { decibelsOf } from "./sound_frames.ts";

/** What lies further below the loudest place is not heard. */
const RANGE = 50;

/** The distance in dB of each of some sounds `[sounds, frames, bands]` from each of others. */
export function distances(
  left: NdArray,
  some: readonly number[],
  right: NdArray,
  others: readonly number[],
): number[][] {
  const rows = some.map((i) => levelsOf(left, i));
  const columns = others.map((i) => levelsOf(right, i));
  return rows.map((a) => columns.map((b) => distance(a, b)));
}

/** Decibels below the loudest place of one sound, as far as they are heard. */
function levelsOf({ data, shape: [, frames, bands] }: NdArray, i: number): Float32Array {
  const size = frames * bands;
  const levels = Float32Array.from(data.subarray(i * size, (i + 1) * size), decibelsOf);
  const loudest = levels.reduce((a, b) => Math.max(a, b), -Infinity);
  return levels.map((level) => Math.max(-RANGE, level - loudest));
}

function distance(a: Float32Array, b: Float32Array): number {
  let [sum, heard] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === -RANGE && b[i] === -RANGE) continue;
    sum += Math.abs(a[i] - b[i]);
    heard++;
  }
  return heard === 0 ? 0 : sum / heard;
}

/** The mean of numbers; NaN of none. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
