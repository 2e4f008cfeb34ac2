/** y = e^x - 1, exact near zero */
import { abs, add, exp as expExpr, type Expr, f32, lt, mul as mulExpr, select, sub } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { add as addOf } from "./add.ts";
import { mul } from "./mul.ts";

/** Near zero by the Taylor series, whose terms up to x^8 / 8! are enough below 0.5. */
export function expm1Value(x: Expr): Expr {
  let series = f32(1 / 40320);
  for (const factorial of [5040, 720, 120, 24, 6, 2, 1]) series = add(mulExpr(series, x), f32(1 / factorial));
  return select(lt(abs(x), f32(0.5)), mulExpr(series, x), sub(expExpr(x), f32(1)));
}

const expm1Op: Op<Record<string, never>> = elementwise({
  name: "expm1",
  accepts: "float",
  value: ([x]) => expm1Value(x),
  vjp: (g, y) => [mul(g, addOf(y, 1))],
  cost: 16,
});

/**
 * `e^x - 1`, element by element, exact where `x` is small.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, expm1, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(expm1(tensor([0])))).data], [0]);
 * ```
 */
export function expm1(x: Tensor): Tensor {
  return apply(expm1Op, [x], {});
}
