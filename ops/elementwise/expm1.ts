/** y = e^x - 1, exact near zero */
import {
  abs,
  exp as expExpr,
  type Expr,
  f32,
  lt,
  mul as mulExpr,
  select,
  sub,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";

/** Near zero by the Taylor series, whose terms up to x^8 / 8! are enough below 0.5. */
export function expm1Value(x: Expr): Expr {
  const series = polynomial(x, [1, 2, 6, 24, 120, 720, 5040, 40320].map((factorial) => 1 / factorial));
  return select(lt(abs(x), f32(0.5)), mulExpr(series, x), sub(expExpr(x), f32(1)));
}

const expm1Op: Op<Record<string, never>> = elementwise({
  name: "expm1",
  accepts: "float",
  value: ([x]) => expm1Value(x),
  // y + 1 would lose its digits below zero.
  vjp: (g, { inputs: [x] }) => [mul(g, exp(x))],
  cost: 16,
});

/**
 * `e^x - 1`, element by element, exact where `x` is small.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.expm1(tensor([0])))).data], [0]);
 * ```
 */
export function expm1(x: Tensor): Tensor {
  return apply(expm1Op, [x], {});
}
