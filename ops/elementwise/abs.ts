/** y = |x| */
import { abs as absExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { sign } from "./sign.ts";

const absOp: Op<Record<string, never>> = elementwise({
  name: "abs",
  accepts: "number",
  value: ([x]) => x.type === "u32" ? x : absExpr(x),
  vjp: (g, { inputs: [x] }) => [mul(g, sign(x))],
});

/**
 * The absolute value, element by element. The gradient at zero is zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.abs(tensor([1, -2])))).data], [1, 2]);
 * ```
 */
export function abs(x: Tensor): Tensor {
  return apply(absOp, [x], {});
}
