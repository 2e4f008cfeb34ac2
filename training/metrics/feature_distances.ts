/** How far made examples are from real ones, by the features that a network finds in both. */
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import type { NdArray } from "../../engine/array.ts";
import { formatShape } from "../../engine/shape.ts";
import { squareRoot } from "./symmetric_matrix.ts";

/** Features of examples, in double precision. */
interface Features {
  readonly rows: readonly Float64Array[];
  readonly width: number;
}

/** The features of two sets, once it is sure that they can be compared. */
function readFeatures(attempt: string, sets: readonly NdArray[], least: number): Features[] {
  for (const { dtype, shape } of sets) {
    if (dtype === "float32" && shape.length === 2 && shape[0] >= least && shape[1] > 0) continue;
    throw new RangeError(
      `Cannot ${attempt} of ${dtype} ${
        formatShape(shape)
      }: float32 [examples, features] is needed, at least ${least} examples`,
    );
  }
  const [first, other = first] = sets;
  if (first.shape[1] !== other.shape[1]) {
    throw new RangeError(
      `Cannot ${attempt} of ${formatShape(first.shape)} and ${
        formatShape(other.shape)
      }: both need as many features`,
    );
  }
  return sets.map(({ data, shape: [count, width] }) => ({
    width,
    rows: Array.from(
      { length: count },
      (_, i) => Float64Array.from(data.subarray(i * width, (i + 1) * width)),
    ),
  }));
}

/**
 * The Frechet distance between the normal distributions that are nearest to two sets of features: 0 where their means and
 * covariances are equal. With the features of an Inception network this is what is known as FID; with those of a classifier
 * of one's own it is a figure beside others of the same classifier only. Few examples make it larger: compare equal numbers.
 * Source: https://arxiv.org/abs/1706.08500
 *
 * @param made float32 `[examples, features]`, at least two examples.
 * @param real The same of real examples; there may be more or fewer.
 * @throws {RangeError} when a shape is another, or they have different numbers of features.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { ndarray, training } from "@gesso/gesso";
 *
 * const real = ndarray("float32", [4, 1], [0, 2, 0, 2]);
 * const made = ndarray("float32", [4, 1], [3, 5, 3, 5]); // as wide, and 3 off
 * assertAlmostEquals(training.frechetDistance(made, real), 9);
 * ```
 */
export function frechetDistance(made: NdArray, real: NdArray): number {
  const sets = readFeatures("take the Frechet distance", [made, real], 2);
  const { width } = sets[0];
  const [a, b] = sets.map(momentsOf);
  const offset = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]) ** 2, 0);
  // The trace of (A B)^(1/2) is that of (A^(1/2) B A^(1/2))^(1/2), which is symmetric.
  const root = squareRoot(a.covariance, width);
  const product = squareRoot(times(times(root, b.covariance, width), root, width), width);
  let trace = 0;
  for (let i = 0; i < width; i++) {
    const at = i * (width + 1);
    trace += a.covariance[at] + b.covariance[at] - 2 * product[at];
  }
  return Math.max(0, offset + trace);
}

/**
 * The kernel distance between two sets of features: the squared maximum mean discrepancy under the kernel (x y / features + 1)^3,
 * without bias, so that it is about 0, also below, where both come from one distribution, however few they are. With the features of an Inception
 * network this is what is known as KID. It takes time with the square of the number of examples.
 * Source: https://arxiv.org/abs/1801.01401
 *
 * @param made float32 `[examples, features]`, at least two examples.
 * @param real The same of real examples; there may be more or fewer.
 * @throws {RangeError} when a shape is another, or they have different numbers of features.
 */
export function kernelDistance(made: NdArray, real: NdArray): number {
  const [a, b] = readFeatures("take the kernel distance", [made, real], 2);
  const kernel = (x: Float64Array, y: Float64Array) => (dot(x, y) / a.width + 1) ** 3;
  const within = ({ rows }: Features) => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) sum += kernel(rows[i], rows[j]);
    return 2 * sum / (rows.length * (rows.length - 1));
  };
  let between = 0;
  for (const x of a.rows) for (const y of b.rows) between += kernel(x, y);
  return within(a) + within(b) - 2 * between / (a.rows.length * b.rows.length);
}

/**
 * Precision, which part of made examples lies among real ones, and recall, which part of real ones lies among made ones: "among" means
 * nearer to one of them than its own k-th neighbour in that set is. Takes time with the square of the number of examples.
 * Source: https://arxiv.org/abs/1904.06991
 *
 * @param made float32 `[examples, features]`, more examples than `neighbours`.
 * @param real The same of real examples; as many are best.
 * @param neighbours Which neighbour says how far an example reaches, from 1; 3 when left out.
 * @throws {RangeError | TypeError} when a shape or `neighbours` is another, or they have different numbers of features.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ndarray, training } from "@gesso/gesso";
 *
 * const real = ndarray("float32", [4, 1], [0, 1, 10, 11]);
 * const made = ndarray("float32", [2, 1], [0, 1]); // half of what there is, and nothing else
 * assertEquals(training.precisionAndRecall(made, real, 1), { precision: 1, recall: 0.5 });
 * ```
 */
export function precisionAndRecall(
  made: NdArray,
  real: NdArray,
  neighbours = 3,
): { precision: number; recall: number } {
  const attempt = "take precision and recall";
  readValue(attempt, "neighbours", neighbours, whole(1));
  const [a, b] = readFeatures(attempt, [made, real], neighbours + 1);
  return { precision: partAmong(a, b, neighbours), recall: partAmong(b, a, neighbours) };
}

/** Which part of examples lies within the reach of one of the others. */
function partAmong({ rows }: Features, others: Features, neighbours: number): number {
  const reaches = others.rows.map((x, i) => {
    const distances = others.rows.filter((_, j) => j !== i).map((y) => squaredDistance(x, y));
    return Float64Array.from(distances).sort()[neighbours - 1];
  });
  const inside = rows.filter((x) => others.rows.some((y, i) => squaredDistance(x, y) <= reaches[i]));
  return inside.length / rows.length;
}

/** The mean, and the covariance `[features, features]`, as of a sample. */
function momentsOf({ rows, width }: Features): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) mean[i] += row[i] / rows.length;
  const covariance = new Float64Array(width * width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      const apart = (row[i] - mean[i]) / (rows.length - 1);
      for (let j = 0; j < width; j++) covariance[i * width + j] += apart * (row[j] - mean[j]);
    }
  }
  return { mean, covariance };
}

/** The product of square matrices. */
function times(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k];
      for (let j = 0; j < size; j++) product[i * size + j] += factor * b[k * size + j];
    }
  }
  return product;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function squaredDistance(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
  return sum;
}
