/** y = the angle between -pi/2 and pi/2 whose sine is x */
import {
  abs,
  type Expr,
  f32,
  lt,
  mul as mulExpr,
  neg,
  select,
  sqrt,
  sub as subExpr,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "./add.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { rsqrt } from "./rsqrt.ts";
import { sub } from "./sub.ts";

/** A fit of this project: asin(sqrt(s)) / sqrt(s) on [0, 1/4]. */
const FIT = [1, 0.166666597, 0.0750051662, 0.0445149951, 0.0318218209, 0.0143912556, 0.0375766829];

/**
 * The arc sine of `near`, which is |x| up to one half, and `sqrt((1 - |x|) / 2)` where x `isFar`: there it is half of the
 * angle that is left to a right one.
 */
export function arcSineParts(x: Expr): { isFar: Expr; near: Expr } {
  const size = abs(x);
  const isFar = lt(f32(0.5), size);
  const squared = select(isFar, mulExpr(subExpr(f32(1), size), f32(0.5)), mulExpr(size, size));
  const root = select(isFar, sqrt(squared), size);
  return { isFar, near: mulExpr(root, polynomial(squared, FIT)) };
}

function value(x: Expr): Expr {
  const { isFar, near } = arcSineParts(x);
  const size = select(isFar, subExpr(f32(Math.PI / 2), mulExpr(near, f32(2))), near);
  return select(lt(x, f32(0)), neg(size), size);
}

/** 1 / sqrt(1 - x^2), without a difference of close numbers near the ends. */
export const arcSineSlope = (x: Tensor): Tensor => rsqrt(mul(sub(1, x), add(x, 1)));

const asinOp: Op<Record<string, never>> = elementwise({
  name: "asin",
  accepts: "float",
  isRising: true,
  value: ([x]) => value(x),
  vjp: (g, { inputs: [x] }) => [mul(g, arcSineSlope(x))],
  cost: 30,
});

/**
 * The arc sine in radians, between -pi/2 and pi/2, element by element; NaN where `x` is not between -1 and 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertAlmostEquals((await compute(ops.asin(tensor(0.5)))).data[0], Math.PI / 6, 1e-6);
 * ```
 */
export function asin(x: Tensor): Tensor {
  return apply(asinOp, [x], {});
}
