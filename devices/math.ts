/**
 * exp, log, sin, cos, tanh and pow in single precision out of simple arithmetic, as expressions, for devices that lack
 * them or have only loose ones. Each reduces its argument to a small range, where a polynomial is exact to about one unit in
 * the last place. And what a half is, which is exact.
 */
import {
  abs,
  add,
  and,
  bitsOfF32,
  bitsToF32,
  div,
  eq,
  exp,
  type Expr,
  f32,
  floor,
  i32,
  isNan,
  le,
  log,
  lt,
  mul,
  mulAdd,
  ne,
  neg,
  or,
  select,
  shl,
  shr,
  sub,
  toF32,
  toI32,
  toU32,
  u32,
  xor,
} from "../engine/expr.ts";
import { polynomial } from "../engine/polynomial.ts";
import { floatRange } from "./float_range.ts";
import { expandSine } from "./sine.ts";

/** Makes a function that gives the same value in simpler terms, by the rules there are; other expressions stay as they are. */
export function expander(rules: Partial<Record<Expr["op"], (...args: Expr[]) => Expr>>): (e: Expr) => Expr {
  const expansions = new WeakMap<Expr, Expr>();
  return (e) => {
    const rule = rules[e.op];
    if (!rule) return e;
    let result = expansions.get(e);
    if (!result) {
      result = rule(...e.args);
      expansions.set(e, result);
    }
    return result;
  };
}

/** That of exp holds only where sums are computed in the order in which they are written. */
export const expandMath = expander({
  exp: expandExp,
  log: expandLog,
  sin: (x) => expandSine(x, 0),
  cos: (x) => expandSine(x, 1),
  tanh: expandTanh,
  pow: expandPow,
  halfToF32: expandHalf,
});

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

/** Comparisons are false for NaN, which so passes through. */
function expandExp(x: Expr): Expr {
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
  const value = mul(polynomial(r, EXP_COEFFICIENTS), bitsToF32(shl(half, 23)));
  return mul(value, bitsToF32(shl(sub(bits, half), 23)));
}

const LOG_COEFFICIENTS = [
  3.3333331174e-1,
  -2.4999993993e-1,
  2.0000714765e-1,
  -1.6668057665e-1,
  1.4249322787e-1,
  -1.2420140846e-1,
  1.1676998740e-1,
  -1.1514610310e-1,
  7.0376836292e-2,
];

function expandLog(x: Expr): Expr {
  // Numbers below the normal range are scaled up first.
  const tiny = lt(x, f32(2 ** -126));
  const bits = toI32(bitsOfF32(select(tiny, mul(x, f32(2 ** 23)), x)));
  // Centred on sqrt(1/2) .. sqrt(2)
  const shifted = sub(bits, i32(0x3f3504f3));
  const exponent = shr(shifted, 23);
  const mantissa = bitsToF32(toU32(add(sub(shifted, shl(exponent, 23)), i32(0x3f3504f3))));
  const e = toF32(add(exponent, select(tiny, i32(-23), i32(0))));
  const m = sub(mantissa, f32(1));
  const square = mul(m, m);
  const tail = mulAdd(mul(m, square), polynomial(m, LOG_COEFFICIENTS), mul(e, f32(LN2_LOW)));
  const small = add(m, mulAdd(square, f32(-0.5), tail));
  const value = mulAdd(e, f32(LN2_HIGH), small);
  const positive = select(lt(f32(0), x), value, select(eq(x, f32(0)), f32(-Infinity), f32(NaN)));
  // Infinity and NaN are their own logarithms.
  return select(lt(x, f32(Infinity)), positive, x);
}

// A fit of this project to tanh up to TANH_END, in x^2; from there on, x times a constant is one or more.
const TANH_ABOVE = [9.99999989e-1, 1.341957836e-1, 3.541615783e-3, 2.137974674e-5, 1.445781502e-8];
const TANH_BELOW = [1, 4.675290219e-1, 2.605143340e-2, 3.361424557e-4, 8.219945666e-7];
const TANH_END = 8.4;

/** x P(x^2) / Q(x^2), exact to 4e-7 of its value. */
function expandTanh(x: Expr): Expr {
  const square = mul(x, x);
  const end = f32(TANH_END ** 2);
  const clamped = select(lt(end, square), end, square);
  const value = div(mul(x, polynomial(clamped, TANH_ABOVE)), polynomial(clamped, TANH_BELOW));
  const notHigh = select(lt(f32(1), value), f32(1), value);
  return select(lt(notHigh, f32(-1)), f32(-1), notHigh);
}

/** a^b for any b: e^(b log a), with the signs and the special cases of IEEE 754 where a is not positive. */
function expandPow(a: Expr, b: Expr): Expr {
  const magnitude = exp(mul(b, log(abs(a))));
  const isInteger = eq(floor(b), b);
  const isOdd = and(isInteger, ne(floor(mul(b, f32(0.5))), mul(b, f32(0.5))));
  const negative = select(isInteger, select(isOdd, neg(magnitude), magnitude), f32(NaN));
  const general = select(lt(a, f32(0)), negative, magnitude);
  const atZero = select(lt(b, f32(0)), f32(Infinity), f32(0));
  const numbers = select(eq(a, f32(0)), atZero, general);
  const value = select(isNan(a), a, select(isNan(b), b, numbers));
  return select(or(eq(b, f32(0)), eq(a, f32(1))), f32(1), value);
}

/** Below the normal halves, they are multiples of 2^-24. Exact. */
function expandHalf(bits: Expr): Expr {
  const size = and(bits, u32(0x7fff));
  // The exponent counts from another zero, and that of infinity and NaN from another still.
  const normal = add(shl(size, 13), select(le(u32(0x7c00), size), u32(224 << 23), u32(112 << 23)));
  const subnormal = bitsOfF32(mul(toF32(size), f32(2 ** -24)));
  const sign = shl(and(bits, u32(0x8000)), 16);
  return bitsToF32(or(sign, select(lt(size, u32(0x400)), subnormal, normal)));
}
