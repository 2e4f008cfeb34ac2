/** y = a^b, stretched to a common shape. */
import { div, f32, mul as mulExpr, pow as powExpr, sqrt } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { equal, greater, less, notEqual } from "./compare.ts";
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
      if (b.value === 0) return f32(1);
      if (b.value === 2) return mulExpr(a, a);
      if (b.value === 3) return mulExpr(mulExpr(a, a), a);
      if (b.value === 0.5) return sqrt(a);
      if (b.value === 1) return a;
      if (b.value === -1) return div(f32(1), a);
    }
    return powExpr(a, b);
  },
  vjp: (g, y) => {
    const [a, b] = y.inputs;
    // d a^b / da = b a^(b-1), which is zero where b is, even of zero and NaN.
    const slope = mul(b, pow(a, where(equal(b, 0), 0, sub(b, 1))));
    return [sumTo(mul(g, slope), a.shape), sumTo(mul(g, byExponent(a, b, y)), b.shape)];
  },
  cost: 16,
});

/**
 * d a^b / db = a^b log a. Where a is zero, that is zero for an exponent from zero up, and minus infinity for one below.
 * Where a is below zero, it is taken as zero: between the integers, there is no power.
 */
function byExponent(a: Tensor, b: Tensor, y: Tensor): Tensor {
  const isZero = equal(a, 0);
  const isAbove = greater(a, 0);
  const isNot = notEqual(a, a);
  // A power that is zero is stronger than the logarithm of infinity.
  const ofPositive = mul(y, where(equal(y, 0), 0, log(where(isAbove, a, 1))));
  const ofZero = where(less(b, 0), -Infinity, where(notEqual(b, b), NaN, 0));
  return where(isAbove, ofPositive, where(isZero, ofZero, where(isNot, a, 0)));
}

/**
 * `a` to the power of `b`, element by element. A negative `a` needs an integer `b`, else the result is NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.pow(tensor([2, 3]), 2))).data], [4, 9]);
 * ```
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(powOp, a, b);
}
