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
 * Undoes the filter of one row, in place.
 *
 * @param filter The filter's number.
 * @param row The differences, which become the row.
 * @param above The row above; zeros for the first one.
 * @param pixelBytes Bytes from a sample to the same sample of the next pixel.
 */
export function unfilterRow(filter: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  const predict = predictors[filter];
  if (filter === 0) return;
  const start = Math.min(pixelBytes, row.length);
  for (let i = 0; i < start; i++) row[i] += predict(0, above[i], 0);
  for (let i = start; i < row.length; i++) {
    row[i] += predict(row[i - pixelBytes], above[i], above[i - pixelBytes]);
  }
}
