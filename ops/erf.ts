/** y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x */
import { abs, exp, type Expr, f32, lt, min, mul as mulExpr, select, sub } from "../engine/expr.ts";
import { polynomial } from "../engine/polynomial.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { exp as expOf } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { square } from "./square.ts";

// Least-squares fits of this project: erf(sqrt(s)) / sqrt(s) on [0, 1], and ln(1 - erf(x)) on [1, 4].
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
const FAR = [
  0.000400500501,
  -1.13060447,
  -0.631088868,
  -0.110907417,
  0.0269994971,
  -0.00502104477,
  0.000673337555,
  -6.0068797e-5,
  3.09520478e-6,
  -6.58285856e-8,
];

/** The error function of an expression, to about 1.5e-7. */
export function erfValue(x: Expr): Expr {
  const near = mulExpr(x, polynomial(mulExpr(x, x), NEAR));
  const size = sub(f32(1), exp(polynomial(min(abs(x), f32(4)), FAR)));
  const far = select(lt(x, f32(0)), sub(f32(0), size), size);
  return select(lt(f32(1), abs(x)), far, near);
}

const erfOp: Op<Record<string, never>> = elementwise({
  name: "erf",
  accepts: "float",
  value: ([x]) => erfValue(x),
  vjp: (g, { inputs: [x] }) => [mul(g, mul(2 / Math.sqrt(Math.PI), expOf(neg(square(x)))))],
  cost: 40,
});

/**
 * The error function, element by element, to about 1.5e-7.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, erf, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(erf(tensor([0, 5])))).data], [0, 1]);
 * ```
 */
export function erf(x: Tensor): Tensor {
  return apply(erfOp, [x], {});
}
