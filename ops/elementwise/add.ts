/** y = a + b, stretched to a common shape. */
import { add as addExpr } from "../../engine/expression/expr.ts";
import { sameShape } from "../../engine/shape.ts";
import { type Op, type Tensor, uniformValue } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { sumTo } from "./sum_to.ts";

const addOp: Op<Record<string, never>> = elementwise({
  name: "add",
  accepts: "number",
  value: ([a, b]) => addExpr(a, b),
  vjp: (g, { inputs: [a, b] }) => [sumTo(g, a.shape), sumTo(g, b.shape)],
  simplify: ({ inputs: [a, b], shape }) => {
    if (uniformValue(b) === 0 && sameShape(a.shape, shape)) return a;
    if (uniformValue(a) === 0 && sameShape(b.shape, shape)) return b;
    return undefined;
  },
});

/**
 * `a + b`, element by element; shapes are stretched to fit (float32, int32, uint32).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.add(tensor([1, 2]), 10))).data], [11, 12]);
 * ```
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(addOp, a, b);
}
