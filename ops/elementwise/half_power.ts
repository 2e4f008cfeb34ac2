/** e^-|x| as a square: what the logistic function and its derivative are made of */
import { abs, add, div, exp, type Expr, f32, max, mul } from "../../engine/expression/expr.ts";

/** e^(-|x| / 2). Its square is the exponential that is wanted; nothing is below the normal numbers before the result is. */
export function halfPower(x: Expr): Expr {
  // Beyond that, the square is zero, and so is what it is multiplied with.
  return exp(max(mul(abs(x), f32(-0.5)), f32(-60)));
}

/** e^-|x| / (1 + e^-|x|)^2, the derivative of the logistic function: exact in relative terms at both ends. */
export function logisticSlope(x: Expr): Expr {
  const power = halfPower(x);
  const root = div(power, add(f32(1), mul(power, power)));
  return mul(root, root);
}
