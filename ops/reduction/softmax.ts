/** y_i = e^x_i / sum_j e^x_j along an axis */
import { keepsRows } from "../../engine/passes/row_policy.ts";
import { formatShape, normalizeAxis, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../../engine/tensor.ts";
import { clamp } from "../elementwise/clamp.ts";
import { div } from "../elementwise/div.ts";
import { exp } from "../elementwise/exp.ts";
import { log } from "../elementwise/log.ts";
import { mul } from "../elementwise/mul.ts";
import { max, type ReduceAttrs, reduction, stretch, sum } from "./reduce.ts";
import { sub } from "../elementwise/sub.ts";

/** Beside one, e to this is nothing; from here on, devices make it zero. */
const NOTHING = -87.3;

const sumExpOp: Op<ReduceAttrs> = reduction("sumExp", "sumExp", undefined);

/** What softmax, its logarithm and its cross-entropy are made of. */
export interface Exponentials {
  /** How far each element is below the largest one. Digits that all elements share are gone before anything is rounded. */
  readonly distance: Tensor;
  /** e to each distance. */
  readonly powers: Tensor;
  /** The largest element and the sum of the powers, without the axes. */
  readonly top: Tensor;
  readonly total: Tensor;
}

/** The exponentials of `x` over axes, by what is cheap where it is computed. */
export function exponentials(
  x: Tensor,
  axes: readonly number[],
  rows: Parameters<typeof keepsRows>[0],
): Exponentials {
  const top = max(x, axes);
  const distance = sub(x, stretch(top, x, axes));
  const length = sizeOf(axes.map((axis) => x.shape[axis]));
  const areLast = axes.every((axis) => axis >= x.rank - axes.length);
  if (areLast && keepsRows(rows, x.size / length, length)) {
    // Two more times through a row cost less than a second exponential for each element.
    const powers = exp(clamp(distance, NOTHING, 0));
    return { distance, powers, top, total: sum(powers, axes) };
  }
  // One time through all: the sum looks for the largest element on its way.
  return { distance, powers: exp(distance), top, total: apply(sumExpOp, [x], { axes }) };
}

const inferShape = (name: string) => ([x]: readonly TensorType[], { axes }: ReduceAttrs): TensorType => {
  if (x.dtype !== "float32") {
    throw new TypeError(`Cannot apply ${name} to ${x.dtype}: it takes float32 (see cast)`);
  }
  if (axes.some((axis) => x.shape[axis] === 0)) {
    throw new RangeError(
      `Cannot apply ${name} to ${formatShape(x.shape)}: there is nothing to share one among`,
    );
  }
  return { dtype: "float32", shape: x.shape };
};

const softmaxOp: Op<ReduceAttrs> = {
  name: "softmax",
  inferShape: inferShape("softmax"),
  vjp: (g, y) => [mul(y, sub(g, sum(mul(g, y), y.attrs.axes, { keepDims: true })))],
  body: { kind: "composite" },
  simplify: ({ inputs: [x], attrs: { axes } }, rows) => {
    const { powers, total } = exponentials(x, axes, rows);
    return mul(powers, stretch(div(1, total), x, axes));
  },
};

const logSoftmaxOp: Op<ReduceAttrs> = {
  name: "logSoftmax",
  inferShape: inferShape("logSoftmax"),
  vjp: (g, { inputs: [x], attrs: { axes } }) => [
    sub(g, mul(softmaxOver(x, axes), sum(g, axes, { keepDims: true }))),
  ],
  body: { kind: "composite" },
  simplify: ({ inputs: [x], attrs: { axes } }, rows) => {
    const { distance, total } = exponentials(x, axes, rows);
    return sub(distance, stretch(log(total), x, axes));
  },
};

/** Softmax over several axes, as they are numbered from the first. */
export function softmaxOver(x: Tensor, axes: readonly number[]): Tensor {
  return apply(softmaxOp, [x], { axes });
}

/**
 * `ln(softmax(x))` along an axis (the last when left out), without overflow, and exact to the last digits of the
 * distances between the numbers, however large those are.
 *
 * @throws {TypeError} when the input is not float32.
 * @throws {RangeError} when there is no such axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.logSoftmax(tensor([1000, 0])))).data], [0, -1000]);
 * ```
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return apply(logSoftmaxOp, [x], { axes: [normalizeAxis("logSoftmax", x.shape, axis)] });
}

/**
 * Numbers turned into probabilities that sum to one along an axis (the last when left out). Minus infinity has probability
 * zero; infinity and NaN make all along the axis NaN.
 *
 * @throws {TypeError} when the input is not float32.
 * @throws {RangeError} when there is no such axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.softmax(tensor([3, 3])))).data], [0.5, 0.5]);
 * ```
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  return softmaxOver(x, [normalizeAxis("softmax", x.shape, axis)]);
}
