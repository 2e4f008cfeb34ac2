/** Pictures in pairs: each with another one to its right. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { pictureGrid } from "../../formats/drawing/picture_grid.ts";

/** Pairs in a row. */
const COLUMNS = 4;

/** Pictures of one size `[count, ...]` in pairs under these titles, as one picture, uint8 `[height, width, 3]`. */
export function pairSheet(left: NdArray, right: NdArray, titles: readonly [string, string]): NdArray {
  const [count, ...picture] = left.shape;
  const size = left.data.length / count;
  const both = new Uint8Array(2 * count * size);
  for (let i = 0; i < count; i++) {
    both.set(left.data.subarray(i * size, (i + 1) * size), 2 * i * size);
    both.set(right.data.subarray(i * size, (i + 1) * size), (2 * i + 1) * size);
  }
  return pictureGrid({
    images: ndarray("uint8", [2 * count, ...picture], both),
    columns: 2 * COLUMNS,
    columnTitles: Array.from({ length: COLUMNS }, () => titles).flat(),
  });
}
