/** y = 1 / (1 + e^-x) */
import { add, div, f32, lt, mul as mulExpr, select } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { halfPower, logisticSlope } from "./half_power.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { tanh } from "./tanh.ts";

const sigmoidOp: Op<Record<string, never>> = elementwise({
  name: "sigmoid",
  accepts: "float",
  isRising: true,
  value: ([x]) => {
    const power = halfPower(x);
    const square = mulExpr(power, power);
    return div(select(lt(x, f32(0)), square, f32(1)), add(f32(1), square));
  },
  vjp: (g, { inputs: [x] }) => [mul(g, sigmoidSlope(x))],
  cost: 16,
});

/** From x, as y (1 - y) would lose its digits where y is close to one. */
const slopeOp: Op<Record<string, never>> = elementwise({
  name: "sigmoidSlope",
  accepts: "float",
  value: ([x]) => logisticSlope(x),
  vjp: (g, y) => [mul(g, mul(neg(y), tanh(mul(y.inputs[0], 0.5))))],
  cost: 16,
});

/** The derivative of {@linkcode sigmoid}. */
export function sigmoidSlope(x: Tensor): Tensor {
  return apply(slopeOp, [x], {});
}

/**
 * The logistic function, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sigmoid(tensor([0])))).data], [0.5]);
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], {});
}
