/** y_i = e^x_i / sum_j e^x_j along an axis */
import { keepsRows } from "../engine/row_policy.ts";
import { formatShape, normalizeAxis } from "../engine/shape.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { clamp } from "./clamp.ts";
import { div } from "./div.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { logSumExp, max, sum } from "./reduce.ts";
import { sub } from "./sub.ts";

/** Beside one, e to this is nothing; from here on, devices make it zero. */
const NOTHING = -87.3;

interface SoftmaxAttrs {
  readonly axis: number;
}

const softmaxOp: Op<SoftmaxAttrs> = {
  name: "softmax",
  inferShape: ([x], { axis }) => {
    if (x.dtype !== "float32") {
      throw new TypeError(`Cannot apply softmax to ${x.dtype}: it takes float32 (see cast)`);
    }
    if (x.shape[axis] === 0) {
      throw new RangeError(
        `Cannot apply softmax to ${formatShape(x.shape)}: there is nothing to share one among`,
      );
    }
    return { dtype: "float32", shape: x.shape };
  },
  vjp: (g, y) => [mul(y, sub(g, sum(mul(g, y), y.attrs.axis, { keepDims: true })))],
  body: { kind: "composite" },
  simplify: ({ inputs: [x], shape, size, attrs: { axis } }, rows) => {
    const isAlongRows = axis === shape.length - 1 && keepsRows(rows, size / shape[axis], shape[axis]);
    if (!isAlongRows) return exp(logSoftmax(x, axis));
    // Two more times through a row cost less than a second exponential for each element.
    const powers = exp(clamp(sub(x, max(x, axis, { keepDims: true })), NOTHING, 0));
    return mul(powers, div(1, sum(powers, axis, { keepDims: true })));
  },
};

/**
 * `ln(softmax(x))` along an axis (the last when left out), without overflow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, logSoftmax, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(logSoftmax(tensor([1000, 0])))).data], [0, -1000]);
 * ```
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  normalizeAxis("logSoftmax", x.shape, axis);
  return sub(x, logSumExp(x, axis, { keepDims: true }));
}

/**
 * Numbers turned into probabilities that sum to one along an axis (the last when left out).
 *
 * @throws {TypeError} when the input is not float32.
 * @throws {RangeError} when there is no such axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, softmax, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(softmax(tensor([3, 3])))).data], [0.5, 0.5]);
 * ```
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  return apply(softmaxOp, [x], { axis: normalizeAxis("softmax", x.shape, axis) });
}
