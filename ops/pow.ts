/** y = a^b, stretched to a common shape. */
import { div, f32, mul as mulExpr, pow as powExpr, sqrt } from "../engine/expr.ts";
import type { Op, Tensor } from "../engine/tensor.ts";
import { greater } from "./compare.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { sumTo } from "./sum_to.ts";
import { where } from "./where.ts";

const powOp: Op<Record<string, never>> = elementwise({
  name: "pow",
  accepts: "float",
  value: ([a, b]) => {
    // The usual exponents need no logarithm.
    if (b.op === "const") {
      if (b.value === 2) return mulExpr(a, a);
      if (b.value === 3) return mulExpr(mulExpr(a, a), a);
      if (b.value === 0.5) return sqrt(a);
      if (b.value === 1) return a;
      if (b.value === -1) return div(f32(1), a);
    }
    return powExpr(a, b);
  },
  // d a^b / da = b a^(b-1); d a^b / db = a^b log a, taken as 0 where a is not positive
  vjp: (g, { inputs: [a, b] }) => [
    sumTo(mul(g, mul(b, pow(a, sub(b, 1)))), a.shape),
    sumTo(where(greater(a, 0), mul(g, mul(pow(a, b), log(where(greater(a, 0), a, 1)))), 0), b.shape),
  ],
  cost: 16,
});

/**
 * `a` to the power of `b`, element by element. A negative `a` needs an integer `b`, else the result is NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, pow, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(pow(tensor([2, 3]), 2))).data], [4, 9]);
 * ```
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(powOp, a, b);
}
