/** y = e^(-scale x^2) */
import {
  abs,
  add,
  and,
  bitsOfF32,
  bitsToF32,
  exp,
  type Expr,
  f32,
  min,
  mul as mulExpr,
  sub,
  u32,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { clamp } from "./clamp.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";

/** From here on, e^(-x^2 / 2) is zero. */
export const GAUSSIAN_END = 16;

/**
 * Exact in relative terms however small it is: a rounded square would be off by as many times its last digit as the square
 * is large. So x is a number of few bits, whose square is exact, and a rest, for which the series of e^-d is enough.
 */
export function gaussianValue(x: Expr, scale: 0.5 | 1): Expr {
  const size = min(abs(x), f32(GAUSSIAN_END));
  const high = bitsToF32(and(bitsOfF32(size), u32(0xfffff000)));
  const d = mulExpr(mulExpr(sub(size, high), add(size, high)), f32(scale));
  return mulExpr(
    exp(mulExpr(mulExpr(high, high), f32(-scale))),
    polynomial(d, [1, -1, 1 / 2, -1 / 6, 1 / 24]),
  );
}

const gaussianOp: Op<{ scale: 0.5 | 1 }> = elementwise({
  name: "gaussian",
  accepts: "float",
  value: ([x], { scale }) => gaussianValue(x, scale),
  vjp: (g, y) => [mul(g, mul(mul(-2 * y.attrs.scale, endingProduct(y.inputs[0])), y))],
  cost: 26,
});

/** `x` for a product with what is zero beyond {@linkcode GAUSSIAN_END}: infinity times that is nothing, too. */
export const endingProduct = (x: Tensor): Tensor => clamp(x, -GAUSSIAN_END, GAUSSIAN_END);

/** `e^(-scale x^2)`, element by element. */
export function gaussian(x: Tensor, scale: 0.5 | 1): Tensor {
  return apply(gaussianOp, [x], { scale });
}
