/** y[i] = sum over r of (x[i, r] - mean x[i])^2 / (n - correction), and its square root */
import { flag, from } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape, normalizeAxes, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { equal } from "../elementwise/compare.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { mean, type ReduceAttrs, type ReduceOptions, shapeKept, stretch } from "./reduce.ts";
import { momentsOf } from "./moments_of.ts";
import { reshape } from "../movement/reshape.ts";
import { sqrt } from "../elementwise/sqrt.ts";
import { sub } from "../elementwise/sub.ts";
import { where } from "../elementwise/where.ts";

/** Options of {@linkcode variance} and {@linkcode std}. */
export interface VarianceOptions extends ReduceOptions {
  /**
   * What the number of elements is lowered by: 0 for the variance of what is there, 1 for an estimate from a sample.
   *
   * @default {0}
   */
  readonly correction?: number;
}

const varianceOptions = { keepDims: optional(flag, false), correction: optional(from(0), 0) };

interface VarianceAttrs extends ReduceAttrs {
  /** The number of elements, lowered by the correction. */
  readonly count: number;
}

const deviations = (x: Tensor, axes: readonly number[]) => sub(x, mean(x, axes, { keepDims: true }));

function spread(
  name: string,
  vjp: Op<VarianceAttrs>["vjp"],
  simplify: (x: Tensor, attrs: VarianceAttrs) => Tensor,
): Op<VarianceAttrs> {
  return {
    name,
    inferShape: ([x], { axes }) => ({
      dtype: x.dtype,
      shape: x.shape.filter((_, axis) => !axes.includes(axis)),
    }),
    vjp,
    body: { kind: "composite" },
    simplify: ({ inputs: [x], attrs }) => simplify(x, attrs),
  };
}

// The mean's own share of the gradient is zero, as deviations add up to nothing.
const varianceOp = spread("variance", (g, { inputs: [x], attrs: { axes, count } }) => [
  mul(mul(stretch(g, x, axes), 2 / count), deviations(x, axes)),
], (x, { axes, count }) => {
  const { variance } = momentsOf(x, axes);
  const elements = sizeOf(axes.map((a) => x.shape[a]));
  return mul(reshape(variance, x.shape.filter((_, axis) => !axes.includes(axis))), elements / count);
});

// Where all elements are equal there is no slope; zero is one of those that fit.
const stdOp = spread("std", (g, y) => {
  const { inputs: [x], attrs: { axes, count } } = y;
  const isZero = equal(y, 0);
  const share = where(isZero, 0, div(g, mul(where(isZero, 1, y), count)));
  return [mul(stretch(share, x, axes), deviations(x, axes))];
}, (x, attrs) => sqrt(apply(varianceOp, [x], attrs)));

function apart(
  op: Op<VarianceAttrs>,
  x: Tensor,
  over: number | readonly number[] | undefined,
  options: VarianceOptions,
): Tensor {
  const { correction, keepDims } = pickOptions(`apply ${op.name}`, options, varianceOptions);
  const axes = normalizeAxes(op.name, x.shape, over);
  if (x.dtype !== "float32") {
    throw new TypeError(`Cannot apply ${op.name} to ${x.dtype}: it takes float32 (see cast)`);
  }
  const elements = sizeOf(axes.map((a) => x.shape[a]));
  const count = elements - correction;
  if (count <= 0) {
    throw new RangeError(
      `Cannot apply ${op.name} to ${formatShape(x.shape)} over axes ${formatShape(axes)} with correction ` +
        `${correction}: there are ${elements} elements, of which some have to be left`,
    );
  }
  const y = apply(op, [x], { axes, count });
  return keepDims ? reshape(y, shapeKept(x.shape, axes)) : y;
}

/**
 * The mean square distance from the mean over axes (over all when left out), of float32. The mean is found first, so
 * nothing is lost where it is large beside the distances.
 *
 * @throws {TypeError} for another dtype.
 * @throws {RangeError} when there are no more elements than the correction takes away.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.variance(tensor([1, 2, 3, 6])))).data], [3.5]);
 * assertEquals([...(await compute(ops.variance(tensor([1, 3]), 0, { correction: 1 }))).data], [2]);
 * ```
 */
export function variance(
  x: Tensor,
  axes?: number | readonly number[],
  options: VarianceOptions = {},
): Tensor {
  return apart(varianceOp, x, axes, options);
}

/**
 * The standard deviation over axes (over all when left out), of float32: the square root of the {@linkcode variance}. Its
 * gradient is taken as zero where all elements are equal.
 *
 * @throws {TypeError} for another dtype.
 * @throws {RangeError} when there are no more elements than the correction takes away.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.std(tensor([1, 1, 5, 5])))).data], [2]);
 * ```
 */
export function std(x: Tensor, axes?: number | readonly number[], options: VarianceOptions = {}): Tensor {
  return apart(stdOp, x, axes, options);
}

/**
 * Mean and variance over axes (over all when left out), of float32, from the same two passes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { mean, variance } = ops.moments(tensor([1, 2, 3, 6]));
 * assertEquals([(await compute(mean)).data[0], (await compute(variance)).data[0]], [3, 3.5]);
 * ```
 */
export function moments(
  x: Tensor,
  axes?: number | readonly number[],
  options: VarianceOptions = {},
): { mean: Tensor; variance: Tensor } {
  return { mean: mean(x, axes, options), variance: variance(x, axes, options) };
}
