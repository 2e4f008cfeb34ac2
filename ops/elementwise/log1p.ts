/** y = ln(1 + x), exact near zero */
import {
  abs,
  add,
  div as divExpr,
  type Expr,
  f32,
  log as logExpr,
  lt,
  mul as mulExpr,
  select,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { add as addOf } from "./add.ts";
import { div } from "./div.ts";

// 2 artanh(s) / s in s^2 on [0, 1 / 9], a fit of this project.
const ARTANH = [2, 0.6666631469, 0.4002491014, 0.2796060473, 0.2817832601];

/**
 * ln(1 + x) for x from -0.5 to 1, exact in relative terms: 2 artanh(x / (2 + x)). Tricks with 1 + x - 1 would not do, as
 * some compilers take that for x.
 */
export function log1pOfShare(x: Expr): Expr {
  const s = divExpr(x, add(x, f32(2)));
  return mulExpr(s, polynomial(mulExpr(s, s), ARTANH));
}

/** Near zero as above, and elsewhere by what it says, as there 1 + x loses nothing that counts. */
function log1pValue(x: Expr): Expr {
  return select(lt(abs(x), f32(0.5)), log1pOfShare(x), logExpr(add(x, f32(1))));
}

const log1pOp: Op<Record<string, never>> = elementwise({
  name: "log1p",
  accepts: "float",
  value: ([x]) => log1pValue(x),
  vjp: (g, { inputs: [x] }) => [div(g, addOf(x, 1))],
  cost: 16,
});

/**
 * `ln(1 + x)`, element by element, exact where `x` is small.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.log1p(tensor([0])))).data], [0]);
 * ```
 */
export function log1p(x: Tensor): Tensor {
  return apply(log1pOp, [x], {});
}
