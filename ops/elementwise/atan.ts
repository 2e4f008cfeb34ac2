/** y = the angle between -pi/2 and pi/2 whose tangent is x */
import {
  abs,
  div as divExpr,
  type Expr,
  f32,
  lt,
  mul as mulExpr,
  neg,
  select,
  sub,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { elementwise } from "./elementwise.ts";
import { square } from "./square.ts";

/** A fit of this project: atan(sqrt(s)) / sqrt(s) on [0, 1]. */
const FIT = [
  1,
  -0.333333254,
  0.199996248,
  -0.142793,
  0.110550657,
  -0.0880017728,
  0.0671833754,
  -0.0443800241,
  0.0222883206,
  -0.00720419781,
  0.00109181122,
];

/** Beyond one, the angle is what is left of a right angle after that of 1 / x. */
function value(x: Expr): Expr {
  const size = abs(x);
  const isFar = lt(f32(1), size);
  const near = select(isFar, divExpr(f32(1), size), size);
  const angle = mulExpr(near, polynomial(mulExpr(near, near), FIT));
  const all = select(isFar, sub(f32(Math.PI / 2), angle), angle);
  return select(lt(x, f32(0)), neg(all), all);
}

const atanOp: Op<Record<string, never>> = elementwise({
  name: "atan",
  accepts: "float",
  isRising: true,
  value: ([x]) => value(x),
  vjp: (g, { inputs: [x] }) => [div(g, add(square(x), 1))],
  cost: 30,
});

/**
 * The arc tangent in radians, between -pi/2 and pi/2, element by element.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertAlmostEquals((await compute(ops.atan(tensor(1)))).data[0], Math.PI / 4, 1e-6);
 * ```
 */
export function atan(x: Tensor): Tensor {
  return apply(atanOp, [x], {});
}
