/** y = ln x */
import { log as logExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { div } from "./div.ts";

const logOp: Op<Record<string, never>> = elementwise({
  name: "log",
  accepts: "float",
  value: ([x]) => logExpr(x),
  vjp: (g, { inputs: [x] }) => [div(g, x)],
  cost: 8,
});

/**
 * The natural logarithm, element by element; NaN below zero, minus infinity at zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.log(tensor([1])))).data], [0]);
 * ```
 */
export function log(x: Tensor): Tensor {
  return apply(logOp, [x], {});
}
