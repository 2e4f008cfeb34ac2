/** e^x in single precision, to one unit in the last place */
import {
  bitsOfF32,
  bitsToF32,
  type Expr,
  f32,
  lt,
  mul,
  mulAdd,
  select,
  shl,
  shr,
  sub,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { floatRange } from "./float_range.ts";

/** Adding this rounds to the nearest integer, which is then in the low bits; the bits above it are shifted out below. */
const MAGIC = 1.5 * 2 ** 23;
// ln 2 in two parts: products of the first with small integers are exact.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.12194440e-4;
/** What is added to an exponent in the bits of a float. */
const BIAS = 127;

/** e^r for |r| <= 0.35: a fit of this project. */
const EXP_COEFFICIENTS = [
  1,
  1,
  4.9999993432e-1,
  1.6666520398e-1,
  4.1668390793e-2,
  8.3687452128e-3,
  1.3814540079e-3,
];

/** e^r for |r| <= 0.35, in plain arithmetic. */
export const exponentialNearZero = (r: Expr): Expr => polynomial(r, EXP_COEFFICIENTS);

/** e^x. Comparisons are false for NaN, which so passes through. */
export function expandExp(x: Expr): Expr {
  const { low, high } = floatRange(x);
  const notHigh = high <= 89 ? x : select(lt(f32(89), x), f32(89), x);
  const clamped = low >= -104 ? notHigh : select(lt(notHigh, f32(-104)), f32(-104), notHigh);
  // Scaled in two steps where one factor would be too small for a normal number, but for the last one, which is zero then.
  const steps = low >= -87.5 ? 1 : 2;
  // One factor alone would also be too large at the end: half of it, of twice the value.
  const bias = f32(MAGIC + (steps === 1 ? BIAS - 1 : 2 * BIAS));
  const shifted = mulAdd(clamped, f32(Math.LOG2E), bias);
  const n = sub(shifted, bias);
  const r = mulAdd(n, f32(-LN2_LOW), mulAdd(n, f32(-LN2_HIGH), clamped));
  const bits = bitsOfF32(shifted);
  if (steps === 1) return mul(polynomial(r, EXP_COEFFICIENTS.map((c) => 2 * c)), bitsToF32(shl(bits, 23)));
  const half = shr(bits, 1);
  const value = mul(exponentialNearZero(r), bitsToF32(shl(half, 23)));
  return mul(value, bitsToF32(shl(sub(bits, half), 23)));
}
