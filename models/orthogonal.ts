/**
 * Random matrices with orthonormal rows or columns, evenly distributed among all such: what the QR decomposition of
 * normal numbers gives, but without one. Its reflections are drawn as they would come out (Stewart, "The efficient
 * generation of random orthogonal matrices", 1980, https://doi.org/10.1137/0717034).
 */
import { sizeOf } from "../engine/shape.ts";

/** Reflections that are applied together, so that a vector is loaded and stored once for all of them. */
const TOGETHER = 4;

/** Vectors to which a group of reflections is applied while it is in the first caches. */
const AT_HAND = 16;

/** Reflection k leaves the first k elements of a vector x alone: x - 2 v (v . x), with v of length one from k on. */
interface Reflections {
  /** The vectors v one after another, each of `length`. */
  readonly vectors: Float64Array;
  /** The signs with which they turn a normal vector to the axis: those of the decomposition's diagonal. */
  readonly signs: Float64Array;
}

/**
 * Weights of a shape, `[..., in, out]` taken as a matrix with a column for each output: rows or columns, whichever are
 * fewer, are at right angles and of length one.
 *
 * @param next Gives normal numbers.
 */
export function orthogonal(shape: readonly number[], next: () => number): Float32Array<ArrayBuffer> {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = sizeOf(shape) / columns;
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const result = new Float32Array(rows * columns);
  if (result.length === 0) return result;
  const { vectors, signs } = drawReflections(count, length, next);
  const products = innerProducts(vectors, count, length);
  for (let begin = 0; begin < count; begin += AT_HAND) {
    const end = Math.min(begin + AT_HAND, count);
    const block = Array.from({ length: end - begin }, (_, i) => {
      const vector = new Float64Array(length);
      vector[begin + i] = signs[begin + i];
      return vector;
    });
    // Later reflections leave these vectors alone.
    for (let group = Math.ceil(end / TOGETHER) - 1; group >= 0; group--) {
      for (const vector of block) reflect(vector, vectors, products, group, length);
    }
    for (let i = 0; i < length; i++) {
      for (let v = begin; v < end; v++) {
        result[rows < columns ? v * columns + i : i * columns + v] = block[v - begin][i];
      }
    }
  }
  return result;
}

function drawReflections(count: number, length: number, next: () => number): Reflections {
  // Padded with vectors of zeros, which reflect nothing, to whole groups.
  const vectors = new Float64Array(Math.ceil(count / TOGETHER) * TOGETHER * length);
  const signs = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const at = k * length;
    let squares = 0;
    for (let i = k; i < length; i++) {
      const x = vectors[at + i] = next();
      squares += x * x;
    }
    const first = vectors[at + k];
    signs[k] = first < 0 ? 1 : -1;
    vectors[at + k] -= signs[k] * Math.sqrt(squares);
    // Nothing but zeros has no direction to be turned to the axis; it is on it.
    if (squares === 0) vectors[at + k] = 1;
    const size = Math.sqrt(squares - first * first + vectors[at + k] ** 2);
    for (let i = k; i < length; i++) vectors[at + i] /= size;
  }
  // What is left on the diagonal is made positive, as only then the distribution is even.
  return { vectors, signs };
}

/** For each group, v_a . v_b of its vectors a > b: 10, 20, 21, 30, 31, 32. */
function innerProducts(vectors: Float64Array, count: number, length: number): Float64Array {
  const groups = Math.ceil(count / TOGETHER);
  const products = new Float64Array(groups * 6);
  for (let group = 0; group < groups; group++) {
    let to = group * 6;
    for (let a = 1; a < TOGETHER; a++) {
      for (let b = 0; b < a; b++) {
        const [atA, atB] = [(group * TOGETHER + a) * length, (group * TOGETHER + b) * length];
        let sum = 0;
        for (let i = group * TOGETHER; i < length; i++) sum += vectors[atA + i] * vectors[atB + i];
        products[to++] = sum;
      }
    }
  }
  return products;
}

/**
 * Applies a group of reflections, from the last to the first, at once: what each of them takes away is known from the
 * products of the vectors with each other, before any is applied.
 */
function reflect(
  x: Float64Array,
  vectors: Float64Array,
  products: Float64Array,
  group: number,
  length: number,
): void {
  const first = group * TOGETHER;
  const v0 = vectors.subarray(first * length, (first + 1) * length);
  const v1 = vectors.subarray((first + 1) * length, (first + 2) * length);
  const v2 = vectors.subarray((first + 2) * length, (first + 3) * length);
  const v3 = vectors.subarray((first + 3) * length, (first + 4) * length);
  let [d0, d1, d2, d3] = [0, 0, 0, 0];
  for (let i = first; i < length; i++) {
    const value = x[i];
    d0 += v0[i] * value;
    d1 += v1[i] * value;
    d2 += v2[i] * value;
    d3 += v3[i] * value;
  }
  const p = group * 6;
  const c3 = 2 * d3;
  const c2 = 2 * (d2 - c3 * products[p + 5]);
  const c1 = 2 * (d1 - c3 * products[p + 4] - c2 * products[p + 2]);
  const c0 = 2 * (d0 - c3 * products[p + 3] - c2 * products[p + 1] - c1 * products[p]);
  for (let i = first; i < length; i++) x[i] -= c0 * v0[i] + c1 * v1[i] + c2 * v2[i] + c3 * v3[i];
}
