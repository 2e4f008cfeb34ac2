/** y = a * b, stretched to a common shape. */
import { mul as mulExpr } from "../../engine/expression/expr.ts";
import { sameShape } from "../../engine/shape.ts";
import { type Op, type Tensor, uniformValue } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { sumTo } from "./sum_to.ts";

const mulOp: Op<Record<string, never>> = elementwise({
  name: "mul",
  accepts: "number",
  value: ([a, b]) => mulExpr(a, b),
  vjp: (g, { inputs: [a, b] }) => [sumTo(mul(g, b), a.shape), sumTo(mul(g, a), b.shape)],
  simplify: ({ inputs: [a, b], shape }) => {
    if (uniformValue(b) === 1 && sameShape(a.shape, shape)) return a;
    if (uniformValue(a) === 1 && sameShape(b.shape, shape)) return b;
    return undefined;
  },
});

/**
 * `a * b`, element by element; shapes are stretched to fit (float32, int32, uint32).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.mul(tensor([5, 2]), 3))).data], [15, 6]);
 * ```
 */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(mulOp, a, b);
}
