/**
 * exp, log, sin, cos, tanh and pow in single precision out of simple arithmetic, as expressions, for devices that lack
 * them or have only loose ones. Each reduces its argument to a small range, where a polynomial is exact to about one
 * unit in the last place.
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
  ne,
  neg,
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
} from "../engine/expr.ts";

const expansions = new WeakMap<Expr, Expr>();
const expand: Partial<Record<Expr["op"], (...args: Expr[]) => Expr>> = {
  exp: expandExp,
  log: expandLog,
  sin: (x) => expandSine(x, 0),
  cos: (x) => expandSine(x, 1),
  tanh: expandTanh,
  pow: expandPow,
};

/** The same value in simpler terms, for functions that this file knows; other expressions are given back as they are. */
export function expandMath(e: Expr): Expr {
  const rule = expand[e.op];
  if (!rule) return e;
  let result = expansions.get(e);
  if (!result) {
    result = rule(...e.args);
    expansions.set(e, result);
  }
  return result;
}

/** c0 + x (c1 + x (c2 + ...)) */
function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  return coefficients.slice(0, -1).reduceRight(
    (sum, c) => add(mul(sum, x), f32(c)),
    f32(coefficients[coefficients.length - 1]),
  );
}

/** Adding this and taking it away again rounds to the nearest integer, which is then in the low bits. */
const MAGIC = 1.5 * 2 ** 23;
const MAGIC_BITS = 0x4b400000;
// ln 2 in two parts: products of the first with small integers are exact.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.12194440e-4;

/** 2^n for a float that is an integer in [-126, 127], given with MAGIC added. */
const powerOfTwo = (n: Expr): Expr => bitsToF32(shl(toU32(add(n, i32(127))), 23));

/** e^r for |r| <= 0.35, by its Taylor series with the last terms fitted. */
const expSmall = (r: Expr): Expr =>
  add(
    add(
      mul(
        mul(r, r),
        polynomial(r, [
          5.0000001201e-1,
          1.6666665459e-1,
          4.1665795894e-2,
          8.3334519073e-3,
          1.3981999507e-3,
          1.9875691500e-4,
        ]),
      ),
      r,
    ),
    f32(1),
  );

/** Scales by 2^n in two steps, so that results near the ends of the range come out right. */
function scaleByPower(value: Expr, n: Expr): Expr {
  const half = shr(n, 1);
  return mul(mul(value, powerOfTwo(half)), powerOfTwo(sub(n, half)));
}

function expandExp(x: Expr): Expr {
  // Comparisons are false for NaN, which so passes through.
  const high = select(lt(f32(89), x), f32(89), x);
  const clamped = select(lt(high, f32(-104)), f32(-104), high);
  const shifted = add(mul(clamped, f32(Math.LOG2E)), f32(MAGIC));
  const n = sub(toI32(bitsOfF32(shifted)), i32(MAGIC_BITS));
  const whole = sub(shifted, f32(MAGIC));
  const r = sub(sub(clamped, mul(whole, f32(LN2_HIGH))), mul(whole, f32(LN2_LOW)));
  return scaleByPower(expSmall(r), n);
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
  const tail = add(mul(mul(m, square), polynomial(m, LOG_COEFFICIENTS)), mul(e, f32(LN2_LOW)));
  const small = add(m, sub(tail, mul(square, f32(0.5))));
  const value = add(small, mul(e, f32(LN2_HIGH)));
  const special = select(
    eq(x, f32(0)),
    f32(-Infinity),
    select(lt(x, f32(0)), f32(NaN), x),
  );
  const ordinary = and(lt(f32(0), x), lt(x, f32(Infinity)));
  return select(ordinary, value, special);
}

// pi / 2 in three parts, the first two with few bits, so that their products with quadrant numbers are exact.
const HALF_PI = [1.5703125, 4.83751296997070312e-4, 7.54978995489188216e-8];

/** sin(x + quarter * pi / 2); exact to a few units in the last place for |x| up to about 8,000. */
function expandSine(x: Expr, quarter: 0 | 1): Expr {
  const quadrant = round(mul(x, f32(2 / Math.PI)));
  const r = HALF_PI.reduce((rest, part) => sub(rest, mul(quadrant, f32(part))), x);
  const q = add(toI32(quadrant), i32(quarter));
  const square = mul(r, r);
  const sine = add(
    r,
    mul(mul(r, square), polynomial(square, [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4])),
  );
  const cosine = add(
    sub(f32(1), mul(f32(0.5), square)),
    mul(
      mul(square, square),
      polynomial(square, [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5]),
    ),
  );
  const odd = ne(and(q, i32(1)), i32(0));
  const sign = shl(toU32(and(shr(q, 1), i32(1))), 31);
  return bitsToF32(xor(bitsOfF32(select(odd, cosine, sine)), sign));
}

function expandTanh(x: Expr): Expr {
  const size = abs(x);
  const square = mul(x, x);
  const small = add(
    x,
    mul(
      mul(x, square),
      polynomial(square, [
        -3.33332819422e-1,
        1.33314422036e-1,
        -5.37397155531e-2,
        2.06390887954e-2,
        -5.70498872745e-3,
      ]),
    ),
  );
  const doubled = exp(select(lt(f32(10), size), f32(20), mul(size, f32(2))));
  const large = sub(f32(1), div(f32(2), add(doubled, f32(1))));
  const signed = bitsToF32(or(bitsOfF32(large), and(bitsOfF32(x), u32(0x80000000))));
  return select(le(f32(0.625), size), signed, small);
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
