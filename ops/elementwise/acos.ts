/** y = the angle between 0 and pi whose cosine is x */
import { add, type Expr, f32, lt, mul as mulExpr, select, sub } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { arcSineParts, arcSineSlope } from "./asin.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

function value(x: Expr): Expr {
  const { isFar, near } = arcSineParts(x);
  const isBelow = lt(x, f32(0));
  const twice = mulExpr(near, f32(2));
  const far = select(isBelow, sub(f32(Math.PI), twice), twice);
  const right = f32(Math.PI / 2);
  return select(isFar, far, select(isBelow, add(right, near), sub(right, near)));
}

const acosOp: Op<Record<string, never>> = elementwise({
  name: "acos",
  accepts: "float",
  value: ([x]) => value(x),
  vjp: (g, { inputs: [x] }) => [neg(mul(g, arcSineSlope(x)))],
  cost: 30,
});

/**
 * The arc cosine in radians, between 0 and pi, element by element; NaN where `x` is not between -1 and 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertAlmostEquals((await compute(ops.acos(tensor(0.5)))).data[0], Math.PI / 3, 1e-6);
 * ```
 */
export function acos(x: Tensor): Tensor {
  return apply(acosOp, [x], {});
}
