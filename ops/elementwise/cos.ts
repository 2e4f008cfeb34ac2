/** y = cos x */
import { cos as cosExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sin } from "./sin.ts";

const cosOp: Op<Record<string, never>> = elementwise({
  name: "cos",
  accepts: "float",
  value: ([x]) => cosExpr(x),
  vjp: (g, { inputs: [x] }) => [neg(mul(g, sin(x)))],
  cost: 8,
});

/**
 * The cosine of radians, element by element, however many turns they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.cos(tensor([0])))).data], [1]);
 * ```
 */
export function cos(x: Tensor): Tensor {
  return apply(cosOp, [x], {});
}
