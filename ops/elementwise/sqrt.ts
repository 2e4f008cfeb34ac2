/** y = sqrt(x) */
import { sqrt as sqrtExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";

const sqrtOp: Op<Record<string, never>> = elementwise({
  name: "sqrt",
  accepts: "float",
  value: ([x]) => sqrtExpr(x),
  vjp: (g, y) => [mul(g, div(0.5, y))],
  cost: 4,
});

/**
 * The square root, element by element; NaN below zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sqrt(tensor([9])))).data], [3]);
 * ```
 */
export function sqrt(x: Tensor): Tensor {
  return apply(sqrtOp, [x], {});
}
