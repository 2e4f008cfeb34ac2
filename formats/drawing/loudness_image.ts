/** How loud something is, as colours. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Color } from "./canvas.ts";

/** From silence to the loudest place; brighter throughout, so that it can be read without colours. */
const scale: readonly Color[] = [
  [0, 0, 0],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 200],
];

/** The colour of a part of the way from silence to the loudest place. */
export function colorOfLoudness(part: number): Color {
  const at = part * (scale.length - 1);
  const before = Math.min(Math.floor(at), scale.length - 2);
  const mixed = (channel: 0 | 1 | 2) =>
    Math.round(
      scale[before][channel] + (at - before) * (scale[before + 1][channel] - scale[before][channel]),
    );
  return [mixed(0), mixed(1), mixed(2)];
}

/**
 * How loud bands of a sound are as a picture without axes: time from left to right, bands from bottom to top, brighter where it is
 * louder.
 *
 * @param loudness Logarithms of power, `[frames, bands]`.
 * @param range How far below the loudest place what is black is, in the same unit.
 * @returns uint8 `[bands, frames, 3]`.
 */
export function loudnessImage({ shape: [frames, bands], data }: NdArray, range: number): NdArray<"uint8"> {
  let loudest = -Infinity;
  for (const value of data) loudest = Math.max(loudest, value);
  const pixels = new Uint8Array(frames * bands * 3);
  for (const [i, value] of data.entries()) {
    const [frame, band] = [Math.floor(i / bands), i % bands];
    const part = Math.max(0, 1 - (loudest - value) / range);
    pixels.set(colorOfLoudness(part), ((bands - 1 - band) * frames + frame) * 3);
  }
  return ndarray("uint8", [bands, frames, 3], pixels);
}
