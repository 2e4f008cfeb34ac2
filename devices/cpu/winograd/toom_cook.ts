/**
 * Short convolutions with fewer products: `y = A (G g * B d)` gives `m` neighbouring sums of `r` terms in `m + r - 1`
 * products, where it takes `m r` otherwise. Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks
 * (2015); the matrices are those of Toom and Cook.
 *
 * The numbers `d` and `g` are taken for the coefficients of polynomials, whose product is known by its values at some
 * points. Where these are few and small, little is lost to rounding.
 */

/** A matrix, by rows. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of a convolution with fewer products. */
export interface ShortConvolution {
  /** From `m + r - 1` inputs to as many factors. */
  readonly input: Matrix;
  /** From `r` weights to the other factors, and from the products to `m` sums. */
  readonly weight: Matrix;
  readonly output: Matrix;
}

/**
 * The points for so many products, beside infinity. Of several sets of six these lose the least: sums have three times the error of
 * plain ones at most, those of four products less than plain ones.
 */
const POINTS: Readonly<Record<number, readonly number[]>> = { 4: [0, 1, -1], 6: [0, 1, -1, 0.5, -2] };

/** The matrices for `m` sums of `r` terms each. What makes plain numbers of all others is in the one that is used the least. */
export function shortConvolution(m: number, r: number, seldom: "weight" | "output"): ShortConvolution {
  const points = POINTS[m + r - 1];
  if (!points) {
    throw new RangeError(`Cannot write ${m} sums of ${r} terms with fewer products: no points are known`);
  }
  // The factor of a point is the polynomial that is zero at all others; the last row is zero at all of them.
  const product = (roots: readonly number[]) =>
    roots.reduce((p, root) => [...p, 0].map((_, i) => (p[i - 1] ?? 0) - root * (p[i] ?? 0)), [1]);
  const others = (at: number) => points.filter((_, i) => i !== at);
  const input = [...points.map((_, at) => [...product(others(at)), 0]), product(points)];
  const powers = (count: number) => [
    ...points.map((p) => Array.from({ length: count }, (_, i) => p ** i)),
    Array.from({ length: count }, (_, i) => i === count - 1 ? 1 : 0),
  ];
  const scales = [
    ...points.map((p, at) => 1 / others(at).reduce((n, q) => n * (p - q), 1)),
    1,
  ];
  const scaled = (matrix: Matrix, is: boolean) =>
    is ? matrix.map((row, at) => row.map((n) => n * scales[at])) : matrix;
  const weight = scaled(powers(r), seldom === "weight");
  const output = scaled(powers(m), seldom === "output");
  return { input, weight, output: output[0].map((_, i) => output.map((row) => row[i])) };
}
