/** y = tanh x */
import { f32, mul as mulExpr, tanh as tanhExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { logisticSlope } from "./half_power.ts";
import { mul } from "./mul.ts";

const tanhOp: Op<Record<string, never>> = elementwise({
  name: "tanh",
  accepts: "float",
  isRising: true,
  value: ([x]) => tanhExpr(x),
  vjp: (g, { inputs: [x] }) => [mul(g, apply(slopeOp, [x], {}))],
  cost: 10,
});

/** From x, as 1 - y^2 would lose its digits where y is close to one. */
const slopeOp: Op<Record<string, never>> = elementwise({
  name: "tanhSlope",
  accepts: "float",
  value: ([x]) => mulExpr(logisticSlope(mulExpr(x, f32(2))), f32(4)),
  vjp: (g, y) => [mul(g, mul(mul(y, -2), tanh(y.inputs[0])))],
  cost: 18,
});

/**
 * The hyperbolic tangent, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.tanh(tensor([0, 20, -20])))).data], [0, 1, -1]);
 * ```
 */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], {});
}
