/** y = tanh x */
import { tanh as tanhExpr } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

const tanhOp: Op<Record<string, never>> = elementwise({
  name: "tanh",
  accepts: "float",
  isRising: true,
  value: ([x]) => tanhExpr(x),
  vjp: (g, y) => [mul(g, sub(1, mul(y, y)))],
  cost: 10,
});

/**
 * The hyperbolic tangent, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, tanh, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(tanh(tensor([0, 20, -20])))).data], [0, 1, -1]);
 * ```
 */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], {});
}
