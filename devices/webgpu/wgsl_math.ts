/** Functions out of simpler ones that hold where a compiler is free to reorder sums. */
import {
  abs,
  add,
  and,
  bitsOfF32,
  bitsToF32,
  div,
  exp,
  type Expr,
  f32,
  le,
  lt,
  mul,
  mulAdd,
  or,
  select,
  sub,
  u32,
} from "../../engine/expr.ts";
import { polynomial } from "../../engine/polynomial.ts";
import { expander } from "../math.ts";

/** A function that WGSL has, but not exactly enough, in terms that it has exactly enough. */
export const expandForWgsl = expander({ tanh: expandTanh });

// A fit of this project: (tanh(sqrt(s)) / sqrt(s) - 1) / s on [0, 0.695^2].
const TANH_COEFFICIENTS = [
  -0.333331988288,
  0.133293174093,
  -0.0535734521233,
  0.0201319774481,
  -0.00517603993125,
];

function expandTanh(x: Expr): Expr {
  const size = abs(x);
  const square = mul(x, x);
  const small = mulAdd(mul(x, square), polynomial(square, TANH_COEFFICIENTS), x);
  const doubled = exp(mul(select(lt(f32(10), size), f32(10), size), f32(2)));
  const large = sub(f32(1), div(f32(2), add(doubled, f32(1))));
  const signed = bitsToF32(or(bitsOfF32(large), and(bitsOfF32(x), u32(0x80000000))));
  return select(le(f32(0.695), size), signed, small);
}
