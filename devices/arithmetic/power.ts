/**
 * a^b in single precision to one unit in the last place. A logarithm of 24 bits would not do: whatever it lacks is multiplied by
 * the exponent. So it has about 36, as the sum of a number of twelve bits and a rest: products of two such numbers are
 * exact. They are cut off by their bits, which no compiler takes for a sum that could be simplified.
 */
import {
  abs,
  add,
  and,
  bitsOfF32,
  bitsToF32,
  eq,
  type Expr,
  f32,
  floor,
  i32,
  isNan,
  lt,
  max,
  min,
  mul,
  mulAdd,
  ne,
  or,
  round,
  select,
  shl,
  shr,
  sub,
  toF32,
  toI32,
  toU32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { exponentialNearZero } from "./exponential.ts";

/** The square root of 1/2, as bits: numbers are taken as a power of two times something around one. */
const MIDDLE = 0x3f3504f3;
/** One over the middle of each eighth of the range around one, in 64ths; the fifth holds one itself. */
const RECIPROCALS = [87, 80, 74, 69, 64, 58, 52, 47].map((n) => n / 64);
/** The logarithms of what these stand for, in 4096ths and a rest. */
const EIGHTHS = RECIPROCALS.map((r) => {
  const whole = -Math.log2(r);
  const high = Math.round(whole * 4096) / 4096;
  return { reciprocal: r, high, rest: whole - high };
});

/** The first twelve bits of a number. */
const twelveBits = (x: Expr) => bitsToF32(and(bitsOfF32(x), u32(0xfffff000)));

/** One of eight constants. */
function oneOf(values: readonly number[], index: Expr, bit = 2): Expr {
  if (values.length === 1) return f32(values[0]);
  const half = values.length / 2;
  const isUpper = ne(and(index, u32(2 ** bit)), u32(0));
  return select(
    isUpper,
    oneOf(values.slice(half), index, bit - 1),
    oneOf(values.slice(0, half), index, bit - 1),
  );
}

/** A number as the sum of two. */
interface Pair {
  /** Of twelve bits. */
  readonly high: Expr;
  readonly rest: Expr;
}

/** log2 x, for positive finite x. */
function logarithm(x: Expr): Pair {
  const isTiny = lt(x, f32(2 ** -126));
  const bits = bitsOfF32(select(isTiny, mul(x, f32(2 ** 23)), x));
  const shifted = sub(bits, u32(MIDDLE));
  const exponent = shr(toI32(shifted), 23);
  const m = bitsToF32(add(and(shifted, u32(0x7fffff)), u32(MIDDLE)));
  const eighth = shr(shifted, 20);
  const reciprocal = oneOf(EIGHTHS.map((e) => e.reciprocal), eighth);
  // m / middle = 1 + f, and f is at most 0.07
  const mHigh = twelveBits(m);
  const first = sub(mul(mHigh, reciprocal), f32(1));
  const second = mul(sub(m, mHigh), reciprocal);
  const f = add(first, second);
  const fHigh = twelveBits(f);
  const fRest = add(sub(first, fHigh), second);
  // ln(1 + f) = f - f^2 / 2 + f^3 (1/3 - f/4 + ...)
  const square = mul(mul(fHigh, fHigh), f32(0.5));
  const tail = mul(mul(mul(f, f), f), polynomial(f, [1 / 3, -1 / 4, 1 / 5, -1 / 6, 1 / 7]));
  const small = add(sub(fRest, mul(fRest, mulAdd(fRest, f32(0.5), fHigh))), tail);
  const high = twelveBits(sub(fHigh, square));
  const rest = add(sub(sub(fHigh, high), square), small);
  // From natural to binary logarithms
  const toBinary = 0b101110001010 / 2048;
  const whole = add(
    toF32(add(exponent, select(isTiny, i32(-23), i32(0)))),
    oneOf(EIGHTHS.map((e) => e.high), eighth),
  );
  const part = mul(high, f32(toBinary));
  const sumHigh = twelveBits(add(whole, part));
  const lost = add(sub(whole, sumHigh), part);
  const little = add(mul(high, f32(Math.LOG2E - toBinary)), mul(rest, f32(Math.LOG2E)));
  return { high: sumHigh, rest: add(lost, add(little, oneOf(EIGHTHS.map((e) => e.rest), eighth))) };
}

/** |a|^b for finite a that is not zero. */
function magnitude(a: Expr, b: Expr): Expr {
  const { high, rest } = logarithm(abs(a));
  // Beyond that, only one has a power that is neither zero nor infinite.
  const exponent = max(min(b, f32(2 ** 33)), f32(-(2 ** 33)));
  const exponentHigh = twelveBits(exponent);
  const product = mul(exponentHigh, high);
  const lost = mulAdd(exponent, rest, mul(sub(exponent, exponentHigh), high));
  // Within this, two factors that are powers of two are normal numbers, and together they reach zero and infinity.
  const power = max(min(round(add(product, lost)), f32(254)), f32(-252));
  const near = max(min(add(sub(product, power), lost), f32(0.5)), f32(-0.5));
  const n = toI32(power);
  const half = shr(n, 1);
  const scale = (by: Expr) => bitsToF32(shl(toU32(add(by, i32(127))), 23));
  const fraction = exponentialNearZero(mul(near, f32(Math.LN2)));
  return mul(mul(fraction, scale(half)), scale(sub(n, half)));
}

/** a^b for any b, with the signs and the special cases of IEEE 754. */
export function expandPow(a: Expr, b: Expr): Expr {
  const isInteger = eq(floor(b), b);
  const isOdd = and(isInteger, ne(floor(mul(b, f32(0.5))), mul(b, f32(0.5))));
  const isRising = lt(f32(0), b);
  const isZero = eq(a, f32(0));
  // Zero and infinity are each other's inverse.
  const isEnd = or(isZero, eq(abs(a), f32(Infinity)));
  const grows = ne(toI32(isZero), toI32(isRising));
  const size = select(isEnd, select(grows, f32(Infinity), f32(0)), magnitude(a, b));
  const sign = select(isOdd, and(bitsOfF32(a), u32(0x80000000)), u32(0));
  const signed = bitsToF32(xor(bitsOfF32(size), sign));
  const isReal = or(isInteger, or(isEnd, lt(f32(0), a)));
  const value = select(isReal, signed, f32(NaN));
  const numbers = select(isNan(a), a, select(isNan(b), b, value));
  return select(or(eq(b, f32(0)), eq(a, f32(1))), f32(1), numbers);
}
