/**
 * The filters of PNG: a row is stored as its differences from what the bytes to the left and above predict.
 * Source: https://www.w3.org/TR/png-3/#9Filters
 */

/** What each filter predicts from the bytes to the left, above, and above to the left. */
const predictors: ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
  },
];

/**
 * Filters rows, each with the filter whose differences are smallest in sum, which compress best as a rule.
 *
 * @param data The rows, one after the other.
 * @param rowBytes Bytes of a row.
 * @param pixelBytes Bytes from a sample to the same sample of the next pixel.
 * @returns The rows, each with the number of its filter in front.
 */
export function filterRows(data: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array<ArrayBuffer> {
  const rows = data.length / rowBytes;
  const filtered = new Uint8Array(rows * (rowBytes + 1));
  const differences = new Uint8Array(rowBytes);
  let above = new Uint8Array(rowBytes);
  for (let row = 0; row < rows; row++) {
    const bytes = data.subarray(row * rowBytes, (row + 1) * rowBytes);
    const out = row * (rowBytes + 1);
    let least = Infinity;
    predictors.forEach((predict, filter) => {
      let sum = 0;
      for (let i = 0; i < rowBytes; i++) {
        const hasLeft = i >= pixelBytes;
        const left = hasLeft ? bytes[i - pixelBytes] : 0;
        differences[i] = bytes[i] - predict(left, above[i], hasLeft ? above[i - pixelBytes] : 0);
        sum += Math.min(differences[i], 256 - differences[i]);
      }
      if (sum >= least) return;
      least = sum;
      filtered[out] = filter;
      filtered.set(differences, out + 1);
    });
    above = bytes as Uint8Array<ArrayBuffer>;
  }
  return filtered;
}

/**
 * Undoes {@linkcode filterRows}.
 *
 * @param filtered The rows, each with the number of its filter in front.
 * @param rowBytes Bytes of a row without that number.
 * @param pixelBytes Bytes from a sample to the same sample of the next pixel.
 * @returns The rows, one after the other.
 * @throws {RangeError} when there is no filter of a number.
 */
export function unfilterRows(filtered: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array {
  const rows = filtered.length / (rowBytes + 1);
  const data = new Uint8Array(rows * rowBytes);
  let above = new Uint8Array(rowBytes);
  for (let row = 0; row < rows; row++) {
    const start = row * (rowBytes + 1);
    const predict = predictors[filtered[start]];
    if (!predict) throw new RangeError(`row ${row} has the filter ${filtered[start]}, and there are 0 to 4`);
    const bytes = data.subarray(row * rowBytes, (row + 1) * rowBytes);
    for (let i = 0; i < rowBytes; i++) {
      const hasLeft = i >= pixelBytes;
      const left = hasLeft ? bytes[i - pixelBytes] : 0;
      bytes[i] = filtered[start + 1 + i] + predict(left, above[i], hasLeft ? above[i - pixelBytes] : 0);
    }
    above = bytes;
  }
  return data;
}
