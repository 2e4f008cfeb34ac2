/** y = (e^x - e^-x) / 2 and (e^x + e^-x) / 2 */
import {
  abs,
  add,
  div,
  exp,
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
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";

/** A fit of this project: sinh(sqrt(s)) / sqrt(s) on [0, 1]. */
const FIT = [1, 0.166666672, 0.00833331514, 0.000198416645, 2.7899996e-6];

/** Half of `e^|x|` and of `e^-|x|`; the first is finite as long as half of it is. */
function halves(x: Expr): [Expr, Expr] {
  const root = exp(mulExpr(abs(x), f32(0.5)));
  return [mulExpr(mulExpr(root, f32(0.5)), root), div(f32(0.5), mulExpr(root, root))];
}

function sinhValue(x: Expr): Expr {
  const far = sub(...halves(x));
  const near = mulExpr(x, polynomial(mulExpr(x, x), FIT));
  return select(lt(abs(x), f32(1)), near, select(lt(x, f32(0)), neg(far), far));
}

const sinhOp: Op<Record<string, never>> = elementwise({
  name: "sinh",
  accepts: "float",
  isRising: true,
  value: ([x]) => sinhValue(x),
  vjp: (g, { inputs: [x] }) => [mul(g, cosh(x))],
  cost: 24,
});

const coshOp: Op<Record<string, never>> = elementwise({
  name: "cosh",
  accepts: "float",
  value: ([x]) => add(...halves(x)),
  vjp: (g, { inputs: [x] }) => [mul(g, sinh(x))],
  cost: 16,
});

/**
 * The hyperbolic sine, element by element.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertAlmostEquals((await compute(ops.sinh(tensor(1)))).data[0], Math.sinh(1), 1e-6);
 * ```
 */
export function sinh(x: Tensor): Tensor {
  return apply(sinhOp, [x], {});
}

/**
 * The hyperbolic cosine, element by element.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertAlmostEquals((await compute(ops.cosh(tensor(1)))).data[0], Math.cosh(1), 1e-6);
 * ```
 */
export function cosh(x: Tensor): Tensor {
  return apply(coshOp, [x], {});
}
