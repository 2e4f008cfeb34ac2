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
  mulAdd,
  select,
} from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { add as addOf } from "./add.ts";
import { div } from "./div.ts";

/**
 * Near zero by ln(1 + x) = 2 artanh(x / (2 + x)), whose series ends soon. Tricks with 1 + x - 1 would not do, as some
 * compilers take that for x.
 */
function log1pValue(x: Expr): Expr {
  const s = divExpr(x, add(x, f32(2)));
  const square = mulExpr(s, s);
  const series = [9, 7, 5, 3].reduce((sum, n) => mulExpr(add(sum, f32(1 / n)), square), f32(0));
  const near = mulExpr(s, mulAdd(f32(2), series, f32(2)));
  return select(lt(abs(x), f32(0.3)), near, logExpr(add(x, f32(1))));
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
 * import { compute, log1p, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(log1p(tensor([0])))).data], [0]);
 * ```
 */
export function log1p(x: Tensor): Tensor {
  return apply(log1pOp, [x], {});
}
