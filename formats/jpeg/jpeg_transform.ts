/** From coefficients to samples. Source: ITU-T T.81, A.3.3 */

const cosine = (n: number) => Math.cos(n * Math.PI / 16);
const [c1, c2, c3, c4, c5, c6, c7] = [1, 2, 3, 4, 5, 6, 7].map(cosine);
const work = new Float64Array(64);

/**
 * Turns a block of coefficients into samples, with the inverse cosine transform along columns, then rows.
 *
 * @param block 64 coefficients in rows, from `at` on.
 * @param quantization What each is multiplied by, in rows.
 * @param out Takes 64 samples in rows, 0 to 255.
 * @param onlyMean Whether all samples may be the block's mean.
 */
export function toSamples(
  block: ArrayLike<number>,
  at: number,
  quantization: ArrayLike<number>,
  out: Uint8ClampedArray,
  onlyMean = false,
): void {
  if (onlyMean) {
    out.fill(block[at] * quantization[0] / 8 + 128);
    return;
  }
  let isFlat = true;
  for (let i = 0; i < 64; i++) {
    const value = block[at + i];
    if (i > 0 && value !== 0) isFlat = false;
    work[i] = value * quantization[i];
  }
  if (isFlat) {
    out.fill(work[0] / 8 + 128);
    return;
  }
  for (let column = 0; column < 8; column++) transform(column, 8);
  for (let row = 0; row < 64; row += 8) transform(row, 1);
  for (let i = 0; i < 64; i++) out[i] = work[i] + 128;
}

/** The means of 2 x 2, 4 x 4 or all samples of a block, in rows, in the place of the first of them. */
export function reduceSamples(samples: Uint8ClampedArray, reduction: number): void {
  const side = 8 / reduction;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let sum = 0;
      for (let y = 0; y < reduction; y++) {
        for (let x = 0; x < reduction; x++) {
          sum += samples[8 * (reduction * row + y) + reduction * column + x];
        }
      }
      // Behind none that is still needed: blocks of samples are gone through in rows.
      samples[side * row + column] = sum / reduction ** 2;
    }
  }
}

/** Transforms eight numbers of `work`, in place. Those of even and of odd frequency are mirrored in different ways. */
function transform(at: number, step: number): void {
  const x0 = work[at] * c4;
  const x1 = work[at + step];
  const x2 = work[at + 2 * step];
  const x3 = work[at + 3 * step];
  const x4 = work[at + 4 * step] * c4;
  const x5 = work[at + 5 * step];
  const x6 = work[at + 6 * step];
  const x7 = work[at + 7 * step];
  const [sum, difference] = [x0 + x4, x0 - x4];
  const [wide, narrow] = [x2 * c2 + x6 * c6, x2 * c6 - x6 * c2];
  const e0 = sum + wide;
  const e1 = difference + narrow;
  const e2 = difference - narrow;
  const e3 = sum - wide;
  const o0 = x1 * c1 + x3 * c3 + x5 * c5 + x7 * c7;
  const o1 = x1 * c3 - x3 * c7 - x5 * c1 - x7 * c5;
  const o2 = x1 * c5 - x3 * c1 + x5 * c7 + x7 * c3;
  const o3 = x1 * c7 - x3 * c5 + x5 * c3 - x7 * c1;
  work[at] = (e0 + o0) / 2;
  work[at + step] = (e1 + o1) / 2;
  work[at + 2 * step] = (e2 + o2) / 2;
  work[at + 3 * step] = (e3 + o3) / 2;
  work[at + 4 * step] = (e3 - o3) / 2;
  work[at + 5 * step] = (e2 - o2) / 2;
  work[at + 6 * step] = (e1 - o1) / 2;
  work[at + 7 * step] = (e0 - o0) / 2;
}
