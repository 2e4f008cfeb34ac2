/** y = x where x > 0, else alpha (e^x - 1) */
import { f32, lt, mul as mulExpr, select } from "../../engine/expression/expr.ts";
import { finite } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { greater } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { exp } from "./exp.ts";
import { expm1Value } from "./expm1.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

const eluOp: Op<{ alpha: number }> = elementwise({
  name: "elu",
  accepts: "float",
  value: ([x], { alpha }) => select(lt(f32(0), x), x, mulExpr(f32(alpha), expm1Value(x))),
  // Below zero, alpha e^x: y + alpha would lose its digits.
  vjp: (g, { inputs: [x], attrs: { alpha } }) => {
    const isAbove = greater(x, 0);
    return [where(isAbove, g, mul(g, mul(exp(where(isAbove, 0, x)), alpha)))];
  },
  cost: 20,
});

/**
 * The exponential linear unit: `x` where it is positive, else `alpha * (e^x - 1)`, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.elu(tensor([4, 0, -100])))).data], [4, 0, -1]);
 * ```
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return apply(eluOp, [x], { alpha: readValue("apply elu", "alpha", alpha, finite) });
}
