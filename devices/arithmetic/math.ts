/**
 * Functions in single precision out of simple arithmetic, as expressions, for devices that lack them or have only loose
 * ones. Each reduces its argument to a small range, where a polynomial is exact to about one unit in the last place. Here
 * are log, tanh, and what a half is, which is exact; others have files of their own.
 */
import {
  add,
  and,
  bitsOfF32,
  bitsToF32,
  div,
  eq,
  type Expr,
  f32,
  i32,
  le,
  lt,
  mul,
  mulAdd,
  or,
  select,
  shl,
  shr,
  sub,
  toF32,
  toI32,
  toU32,
  u32,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";
import { expandExp } from "./exponential.ts";
import { expandPow } from "./power.ts";
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

// ln 2 in two parts: products of the first with small integers are exact.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.12194440e-4;

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

/** Below the normal halves, they are multiples of 2^-24. Exact. */
function expandHalf(bits: Expr): Expr {
  const size = and(bits, u32(0x7fff));
  // The exponent counts from another zero, and that of infinity and NaN from another still.
  const normal = add(shl(size, 13), select(le(u32(0x7c00), size), u32(224 << 23), u32(112 << 23)));
  const subnormal = bitsOfF32(mul(toF32(size), f32(2 ** -24)));
  const sign = shl(and(bits, u32(0x8000)), 16);
  return bitsToF32(or(sign, select(lt(size, u32(0x400)), subnormal, normal)));
}
