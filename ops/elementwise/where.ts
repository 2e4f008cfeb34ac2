/** y = condition ? a : b, stretched to a common shape. */
import { select } from "../../engine/expression/expr.ts";
import { broadcastShapes, formatShape } from "../../engine/shape.ts";
import { apply, type MapBody, type Op, type Tensor } from "../../engine/tensor.ts";
import { broadcastIndex, lift, type TensorLike } from "./elementwise.ts";
import { sumTo } from "./sum_to.ts";

const body: MapBody<Record<string, never>> = {
  kind: "map",
  elementwise: true,
  value: ({ inputs, index, load }) => {
    const [condition, a, b] = inputs.map((input, i) => load(i, broadcastIndex(input.shape, index)));
    return select(condition, a, b);
  },
};

const whereOp: Op<Record<string, never>> = {
  name: "where",
  inferShape: ([condition, a, b]) => {
    if (condition.dtype !== "bool" || a.dtype !== b.dtype) {
      throw new TypeError(
        `Cannot apply where to ${condition.dtype}, ${a.dtype} and ${b.dtype}: ` +
          `it takes a bool condition and two values of one dtype`,
      );
    }
    const shape = broadcastShapes(condition.shape, a.shape, b.shape);
    if (!shape) {
      const shapes = [condition, a, b].map((t) => formatShape(t.shape)).join(", ");
      throw new RangeError(
        `Cannot apply where to shapes ${shapes}: sizes have to be equal or 1, from the last axis`,
      );
    }
    return { dtype: a.dtype, shape };
  },
  vjp: (g, { inputs: [condition, a, b] }) => [
    null,
    sumTo(where(condition, g, 0), a.shape),
    sumTo(where(condition, 0, g), b.shape),
  ],
  body,
};

/**
 * `a` where the condition is true, `b` elsewhere; shapes are stretched to fit. No gradient passes the side that is
 * not taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.where(ops.greater(tensor([1, -1]), 0), 10, tensor([5, 6])))).data], [10, 6]);
 * ```
 */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return apply(whereOp, [condition, ...lift("where", a, b)], {});
}
