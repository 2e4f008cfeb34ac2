/** y = 1 / (1 + e^-x) */
import { add, div, exp, f32, neg } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

const sigmoidOp: Op<Record<string, never>> = elementwise({
  name: "sigmoid",
  accepts: "float",
  isRising: true,
  value: ([x]) => div(f32(1), add(f32(1), exp(neg(x)))),
  vjp: (g, y) => [mul(g, mul(y, sub(1, y)))],
  cost: 14,
});

/**
 * The logistic function, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, sigmoid, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(sigmoid(tensor([0])))).data], [0.5]);
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], {});
}
