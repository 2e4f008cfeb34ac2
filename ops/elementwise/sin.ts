/** y = sin x */
import { sin as sinExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { cos } from "./cos.ts";
import { mul } from "./mul.ts";

const sinOp: Op<Record<string, never>> = elementwise({
  name: "sin",
  accepts: "float",
  value: ([x]) => sinExpr(x),
  vjp: (g, { inputs: [x] }) => [mul(g, cos(x))],
  cost: 8,
});

/**
 * The sine of radians, element by element, however many turns they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sin(tensor([0])))).data], [0]);
 * ```
 */
export function sin(x: Tensor): Tensor {
  return apply(sinOp, [x], {});
}
