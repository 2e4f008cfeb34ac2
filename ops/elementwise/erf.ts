/** y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x */
import {
  abs,
  add as addExpr,
  div as divExpr,
  type Expr,
  f32,
  lt,
  min,
  mul as mulExpr,
  select,
  sub,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { gaussian, gaussianValue } from "./gaussian.ts";
import { mul } from "./mul.ts";

// Fits of this project: erf(sqrt(s)) / sqrt(s) on [0, 1], and erfc(x) e^(x^2) on [0, 10.5] in t = 1 / (1 + x / 2).
const NEAR = [
  1.12837917,
  -0.376126385,
  0.112837826,
  -0.0268654383,
  0.00522105341,
  -0.000848439653,
  0.000112682538,
  -9.67359042e-6,
];
const TAIL = [
  -4.60637343e-6,
  0.282190811,
  0.281379518,
  0.248357494,
  0.185750966,
  0.00807610592,
  0.232711895,
  -0.450606068,
  0.267978577,
  -0.0558347266,
];

/** erfc(x) e^(x^2) for x from 0 up: what is left of the tail without its exponential, to 4e-7 of itself. */
export function scaledTail(x: Expr): Expr {
  return polynomial(divExpr(f32(2), addExpr(min(x, f32(10.5)), f32(2))), TAIL);
}

/** The error function of an expression, to about 1.5e-7. */
function erfValue(x: Expr): Expr {
  const near = mulExpr(x, polynomial(mulExpr(x, x), NEAR));
  const size = sub(f32(1), mulExpr(gaussianValue(x, 1), scaledTail(abs(x))));
  const far = select(lt(x, f32(0)), sub(f32(0), size), size);
  return select(lt(f32(1), abs(x)), far, near);
}

const erfOp: Op<Record<string, never>> = elementwise({
  name: "erf",
  accepts: "float",
  value: ([x]) => erfValue(x),
  vjp: (g, { inputs: [x] }) => [mul(g, mul(2 / Math.sqrt(Math.PI), gaussian(x, 1)))],
  cost: 40,
});

/**
 * The error function, element by element, to about 1.5e-7.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.erf(tensor([0, 5])))).data], [0, 1]);
 * ```
 */
export function erf(x: Tensor): Tensor {
  return apply(erfOp, [x], {});
}
