/** Sounds as pictures, with what a model hears in them. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Dataset } from "../../data/dataset.ts";
import { loudnessImage } from "../../formats/drawing/loudness_image.ts";
import { predictionSheet } from "../../formats/drawing/prediction_sheet.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";

/** The most sounds that are shown. */
const SHOWN = 40;
/** How far below the loudest place is black, in nats of power: 60 dB. */
const RANGE = 6 * Math.LN10;

/** A PNG file with some of the sounds of a data set of bands, class by class in turn, and what a model says of them. */
export async function hearingSheet(data: Dataset, logits: NdArray): Promise<Uint8Array> {
  const [count, frames, bands] = data.inputs.shape;
  const every = Math.max(1, count / SHOWN);
  const shown = Array.from({ length: Math.min(SHOWN, count) }, (_, i) => Math.floor(i * every));
  const size = frames * bands;
  const pixels = new Uint8Array(shown.length * size * 3);
  shown.forEach((i, place) => {
    const loudness = ndarray("float32", [frames, bands], data.inputs.data.subarray(i * size, (i + 1) * size));
    pixels.set(loudnessImage(loudness, RANGE).data, place * size * 3);
  });
  const classes = logits.shape[1];
  const rows = shown.flatMap((i) => softmax(logits.data.subarray(i * classes, (i + 1) * classes)));
  const sheet = predictionSheet({
    images: ndarray("uint8", [shown.length, bands, frames, 3], pixels),
    probabilities: ndarray("float32", [shown.length, classes], rows),
    labels: shown.map((i) => data.targets.data[i]),
    classNames: data.classNames!,
  });
  return await encodePng(sheet);
}

function softmax(logits: ArrayLike<number>): number[] {
  const most = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}
