/** y = a - b, stretched to a common shape. */
import { sub as subExpr } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { neg } from "./neg.ts";
import { sumTo } from "./sum_to.ts";

const subOp: Op<Record<string, never>> = elementwise({
  name: "sub",
  accepts: "number",
  value: ([a, b]) => subExpr(a, b),
  vjp: (g, { inputs: [a, b] }) => [sumTo(g, a.shape), sumTo(neg(g), b.shape)],
});

/**
 * `a - b`, element by element; shapes are stretched to fit (float32, int32, uint32).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sub(tensor([5, 2]), 1))).data], [4, 1]);
 * ```
 */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(subOp, a, b);
}
