/**
 * Arithmetic of which a compiler sees that one side is zero, or that both are the same. Compilers for GPUs take it that no
 * number is infinite or NaN, so to them 0 * x, 0 / x and x - x are zero whatever x is. Here it is made of bits and choices.
 */
import {
  and,
  bitsOfF32,
  bitsToF32,
  div,
  eq,
  type Expr,
  f32,
  isNan,
  mul,
  or,
  select,
  sub,
  u32,
  xor,
} from "../../../engine/expression/expr.ts";
import { expander } from "../../arithmetic/math.ts";

const SIGN = 0x80000000;
const EXPONENT = 0x7f800000;

const isZero = (e: Expr): boolean => e.op === "const" && e.type === "f32" && e.value === 0;

/** What whole numbers give is finite. */
const mayBeEndless = (e: Expr): boolean => e.type === "f32" && e.op !== "toF32";

const isEndless = (x: Expr): Expr => eq(and(bitsOfF32(x), u32(EXPONENT)), u32(EXPONENT));

/** A zero with the sign of a zero times x. */
function zeroLike(x: Expr, zero: Expr): Expr {
  const sign = and(bitsOfF32(x), u32(SIGN));
  return bitsToF32(Object.is(zero.value, -0) ? xor(sign, u32(SIGN)) : sign);
}

const timesZero = (x: Expr, zero: Expr): Expr => select(isEndless(x), f32(NaN), zeroLike(x, zero));

/** The same value, so that no compiler knows better. */
export const expandSeenZeros = expander({
  mul: (a, b) => {
    if (isZero(b) && mayBeEndless(a)) return timesZero(a, b);
    if (isZero(a) && mayBeEndless(b)) return timesZero(b, a);
    return mul(a, b);
  },
  div: (a, b) =>
    isZero(a) && b.type === "f32" ? select(or(eq(b, f32(0)), isNan(b)), f32(NaN), zeroLike(b, a)) : div(a, b),
  sub: (a, b) => a === b && mayBeEndless(a) ? select(isEndless(a), f32(NaN), f32(0)) : sub(a, b),
});
