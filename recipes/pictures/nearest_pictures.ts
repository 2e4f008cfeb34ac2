/** What was made beside what is nearest to it in the training data: whether a network copies. */
import type { NdArray } from "../../engine/array.ts";
import { pairSheet } from "./pair_sheet.ts";
import { take } from "./picture_sets.ts";

/** How near made pictures are to what was trained on. */
export interface NearestPictures {
  /** Each made picture with the nearest one of training to its right, uint8 `[height, width, 3]`. */
  readonly sheet: NdArray;
  /** Root mean square distances of the made ones to their nearest, of 255. */
  readonly distances: readonly number[];
}

/** Finds the training picture that is nearest to each made one, by the mean square distance of pixels. */
export function nearestPictures(made: NdArray, training: NdArray): NearestPictures {
  const [count] = made.shape;
  const size = made.data.length / count;
  const places: number[] = [];
  const distances: number[] = [];
  for (let i = 0; i < count; i++) {
    const own = made.data.subarray(i * size, (i + 1) * size);
    let [least, place] = [Infinity, 0];
    for (let j = 0; j < training.shape[0]; j++) {
      let sum = 0;
      // Most are told to be further away before all of their pixels were looked at.
      for (let at = 0, from = j * size; at < size && sum < least; at++, from++) {
        sum += (own[at] - training.data[from]) ** 2;
      }
      if (sum < least) [least, place] = [sum, j];
    }
    places.push(place);
    distances.push(Math.sqrt(least / size));
  }
  return { sheet: pairSheet(made, take(training, places), ["made", "nearest"]), distances };
}
