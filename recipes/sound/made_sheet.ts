/** Recorded sounds beside made ones, as pictures. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Canvas, type Color, textHeight } from "../../formats/drawing/canvas.ts";
import { loudnessImage } from "../../formats/drawing/loudness_image.ts";

const paper: Color = [255, 255, 255];
const ink: Color = [60, 60, 60];
const right: Color = [22, 128, 57];
const wrong: Color = [200, 30, 40];
/** Sounds of each kind, of each class. */
const SHOWN = 5;
const gap = 10;
/** How far below the loudest place is black, in the units of frames. */
const RANGE = 3.5;

/** What is shown. */
export interface MadeSheet {
  /** Frames of recorded sounds `[sounds, frames, bands]`, and their classes. */
  readonly own: NdArray;
  readonly labels: readonly number[];
  /** Frames of made ones, what was asked for, and what was heard. */
  readonly frames: NdArray;
  readonly kinds: readonly number[];
  readonly guesses: readonly number[];
  readonly classNames: readonly string[];
}

/** A row for each class: recorded sounds to the left, made ones to the right, framed green where they are heard as what was asked for. */
export function madeSheet({ own, labels, frames, kinds, guesses, classNames }: MadeSheet): NdArray {
  const [, length, bands] = own.shape;
  const line = textHeight(2) + 6;
  const [cell, high] = [length + gap, 2 * bands + gap];
  const middle = SHOWN * cell + 3 * gap;
  const canvas = new Canvas(
    line + classNames.length * (high + line) + gap,
    middle + SHOWN * cell + gap,
    paper,
  );
  canvas.drawText("recorded", { x: gap, y: gap / 2 }, ink, 2);
  canvas.drawText("made", { x: middle, y: gap / 2 }, ink, 2);
  const show = (from: NdArray, i: number, x: number, y: number, color: Color) => {
    const size = length * bands;
    const loudness = ndarray("float32", [length, bands], from.data.subarray(i * size, (i + 1) * size));
    canvas.fillRectangle({ x: x - 2, y: y - 2 }, 2 * bands + 4, length + 4, color);
    canvas.drawImage(twiceAsHigh(loudnessImage(loudness, RANGE)), { x, y });
  };
  for (const [kind, name] of classNames.entries()) {
    const y = line + kind * (high + line) + line;
    canvas.drawText(name, { x: gap, y: y - line + 2 }, ink, 2);
    const some = (all: readonly number[]) => all.flatMap((k, i) => k === kind ? [i] : []).slice(0, SHOWN);
    some(labels).forEach((i, place) => show(own, i, gap + place * cell, y, ink));
    some(kinds).forEach((i, place) =>
      show(frames, i, middle + place * cell, y, guesses[i] === kind ? right : wrong)
    );
  }
  return canvas.image;
}

function twiceAsHigh({ shape: [height, width], data }: NdArray): NdArray {
  const pixels = new Uint8Array(2 * height * width * 3);
  for (let row = 0; row < 2 * height; row++) {
    const from = Math.floor(row / 2) * width * 3;
    pixels.set(data.subarray(from, from + width * 3), row * width * 3);
  }
  return ndarray("uint8", [2 * height, width, 3], pixels);
}
