/** y = x^2 */
import { mul as mulExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";

const squareOp: Op<Record<string, never>> = elementwise({
  name: "square",
  accepts: "number",
  value: ([x]) => mulExpr(x, x),
  vjp: (g, { inputs: [x] }) => [mul(g, mul(2, x))],
});

/**
 * The square, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.square(tensor([3])))).data], [9]);
 * ```
 */
export function square(x: Tensor): Tensor {
  return apply(squareOp, [x], {});
}
