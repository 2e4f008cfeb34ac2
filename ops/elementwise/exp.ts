/** y = e^x */
import { exp as expExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";

const expOp: Op<Record<string, never>> = elementwise({
  name: "exp",
  accepts: "float",
  value: ([x]) => expExpr(x),
  vjp: (g, y) => [mul(g, y)],
  cost: 8,
});

/**
 * The exponential function, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.exp(tensor([0])))).data], [1]);
 * ```
 */
export function exp(x: Tensor): Tensor {
  return apply(expOp, [x], {});
}
