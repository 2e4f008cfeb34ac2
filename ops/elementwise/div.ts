/** y = a / b, stretched to a common shape. */
import { div as divExpr } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sumTo } from "./sum_to.ts";

const divOp: Op<Record<string, never>> = elementwise({
  name: "div",
  accepts: "float",
  value: ([a, b]) => divExpr(a, b),
  vjp: (g, { inputs: [a, b] }) => {
    const perA = div(g, b);
    return [sumTo(perA, a.shape), sumTo(neg(mul(perA, div(a, b))), b.shape)];
  },
  cost: 4,
});

/**
 * `a / b`, element by element, for float32; shapes are stretched to fit. Division by zero follows IEEE 754.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.div(tensor([5, 2]), 2))).data], [2.5, 1]);
 * ```
 */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(divOp, a, b);
}
