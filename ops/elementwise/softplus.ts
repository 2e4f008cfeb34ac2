/** y = ln(1 + e^x) */
import { abs, add, exp, f32, max, neg } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { log1pOfShare } from "./log1p.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";

const softplusOp: Op<Record<string, never>> = elementwise({
  name: "softplus",
  accepts: "float",
  isRising: true,
  value: ([x]) => add(max(x, f32(0)), log1pOfShare(exp(neg(abs(x))))),
  vjp: (g, { inputs: [x] }) => [mul(g, sigmoid(x))],
  cost: 20,
});

/**
 * A smooth relu: `ln(1 + e^x)`, element by element, without overflow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.softplus(tensor([100, -200])))).data], [100, 0]);
 * ```
 */
export function softplus(x: Tensor): Tensor {
  return apply(softplusOp, [x], {});
}
