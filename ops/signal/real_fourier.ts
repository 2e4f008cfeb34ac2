/** X[k] = sum_t x[t] e^(-2 pi i k t / n), for the first half of k */
import { sizeOf } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { matmul } from "../contraction/matmul.ts";
import { tensor } from "../creation/full.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { sub } from "../elementwise/sub.ts";
import { concat } from "../movement/concat.ts";
import { reshape } from "../movement/reshape.ts";
import { reverse } from "../movement/reverse.ts";
import { slice } from "../movement/slice.ts";
import { transpose } from "../movement/transpose.ts";

/** Complex numbers. */
export interface Complex {
  /** The real part. */
  readonly real: Tensor;
  /** The imaginary part, of the same shape. */
  readonly imaginary: Tensor;
}

/** Shorter lines are one product: taking it apart saves less than it costs. */
const SHORT = 64;

/** The larger factor of a line may be so long: its cosines and sines are kept, 64 MB of them. */
export const LONGEST_FACTOR = 4096;

/** `rows x columns` numbers from a function of both. */
const table = (rows: number, columns: number, valueAt: (row: number, column: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => valueAt(Math.floor(i / columns), i % columns)),
    [rows, columns],
  );

/** Cosine and sine of a turn's part; the part is taken modulo 1 in whole numbers, so that they are exact for long lines. */
const cosine = (part: number, n: number) => Math.cos(2 * Math.PI * (part % n) / n);
const sine = (part: number, n: number) => Math.sin(2 * Math.PI * (part % n) / n);

/**
 * The Fourier transform of real lines, `[..., n]` to `[..., floor(n / 2) + 1]`.
 *
 * With n = a b, a line is b columns of a elements, whose own transforms are one product with a matrix of a x (a + 2); turned by
 * what their columns lie apart, they are a second product, with a matrix of 2b x 2b. For 512 elements that is 70,000
 * multiplications and additions, where one product with all cosines and sines takes 526,000.
 */
export function realFourier(x: Tensor): Complex {
  const n = x.shape.at(-1)!;
  const outer = x.shape.slice(0, -1);
  const bins = Math.floor(n / 2) + 1;
  const [a, b] = factorsOf(n);
  const lines = reshape(x, [sizeOf(outer), n]);
  const { real, imaginary } = b === 1 ? direct(lines, n, bins) : inTwo(lines, a, b);
  const shaped = (part: Tensor) => reshape(slice(part, [0, 0], [-1, bins]), [...outer, bins]);
  return { real: shaped(real), imaginary: shaped(imaginary) };
}

/** Two factors, as close as possible to each other, the larger one first; n and 1 where one product is cheaper. */
export function factorsOf(n: number): [number, number] {
  if (n < SHORT) return [n, 1];
  let b = Math.floor(Math.sqrt(n));
  while (n % b !== 0) b--;
  const a = n / b;
  // Multiplications of the two products, and of the one.
  const split = n * (a + 2) + (Math.floor(a / 2) + 1) * 4 * b * b;
  return split < n * (n + 2) / 2 ? [a, b] : [n, 1];
}

function direct(lines: Tensor, n: number, bins: number): Complex {
  return {
    real: matmul(lines, table(n, bins, (t, k) => cosine(t * k, n))),
    imaginary: matmul(lines, table(n, bins, (t, k) => -sine(t * k, n))),
  };
}

function inTwo(lines: Tensor, a: number, b: number): Complex {
  const [rows, n] = lines.shape;
  const half = Math.floor(a / 2) + 1;
  // Element t = b i + j; bin k = p + a q. First along i: [rows, j, cosines and sines of p].
  const first = matmul(
    transpose(reshape(lines, [rows, a, b]), [0, 2, 1]),
    table(a, 2 * half, (i, p) => p < half ? cosine(i * p, a) : -sine(i * (p - half), a)),
  );
  const part = (of: Tensor, axis: number, which: 0 | 1, size: number) =>
    slice(
      of,
      of.shape.map((_, i) => i === axis ? which * size : 0),
      of.shape.map((_, i) => i === axis ? size : -1),
    );
  const [re, im] = [part(first, 2, 0, half), part(first, 2, 1, half)];
  const [cos, sin] = [table(b, half, (j, p) => cosine(j * p, n)), table(b, half, (j, p) => -sine(j * p, n))];
  const turned = concat([sub(mul(re, cos), mul(im, sin)), add(mul(re, sin), mul(im, cos))], 1);
  // Then along j: [rows, p, real and imaginary parts of q].
  const second = matmul(
    transpose(turned, [0, 2, 1]),
    table(2 * b, 2 * b, (row, column) => {
      const [j, q] = [row % b, column % b];
      if (row < b) return column < b ? cosine(j * q, b) : -sine(j * q, b);
      return column < b ? sine(j * q, b) : cosine(j * q, b);
    }),
  );
  // What lies in the upper half of p mirrors the lower one, with q the other way round.
  const whole = (which: 0 | 1) => {
    const low = part(second, 2, which, b);
    const mirrored = reverse(slice(low, [0, 1, 0], [-1, a - half, -1]), [1, 2]);
    const all = concat([low, which === 1 ? neg(mirrored) : mirrored], 1);
    return reshape(transpose(all, [0, 2, 1]), [rows, n]);
  };
  return { real: whole(0), imaginary: whole(1) };
}
