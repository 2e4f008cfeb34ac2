/**
 * Sine and cosine of any number of single precision. A large one is many turns, so 2 / pi is needed with as many digits as
 * there are turns: the product is made of whole numbers, of just those bits that count (Payne and Hanek, 1983).
 */
import {
  abs,
  add,
  and,
  bitsOfF32,
  bitsToF32,
  type Expr,
  f32,
  lt,
  mul,
  mulAdd,
  ne,
  or,
  select,
  shl,
  shr,
  sub,
  toF32,
  toI32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import { polynomial } from "../../engine/expression/polynomial.ts";

/** 2 / pi in binary, behind 34 zeros. */
const TWO_OVER_PI = [
  0x00000000,
  0x28be60db,
  0x9391054a,
  0x7f09d5f4,
  0x7d4d3770,
  0x36d8a566,
  0x4f10e410,
  0x7f9458ea,
];

/** x - n pi / 2 for the nearest n, and the last two bits of n; both as if x were positive. */
interface Reduced {
  readonly rest: Expr;
  readonly quadrant: Expr;
}

/** The high 32 bits of a product of a number below 2^31 and one below 2^32. */
function highProduct(a: Expr, b: Expr): Expr {
  const low = u32(0xffff);
  const [aHigh, aLow, bHigh, bLow] = [shr(a, 16), and(a, low), shr(b, 16), and(b, low)];
  const middle = add(mul(aHigh, bLow), shr(mul(aLow, bLow), 16));
  const other = add(mul(aLow, bHigh), and(middle, low));
  return add(add(mul(aHigh, bHigh), shr(middle, 16)), shr(other, 16));
}

/** `yes` or `no`, by one bit of a number. */
const byBit = (number: Expr, bit: number, yes: Expr, no: Expr) =>
  select(ne(and(number, u32(2 ** bit)), u32(0)), yes, no);

/** `size` is 2^-9 or more. */
function reduce(size: Expr): Reduced {
  const bits = bitsOfF32(size);
  // x = mantissa * 2^(place - 32), and bits of 2 / pi further left than `place` only make whole turns.
  const place = sub(shr(bits, 23), u32(118));
  const words = [0, 1, 2, 3].map((w) =>
    [1, 2, 3, 4].reduce(
      (found, first) => select(lt(place, u32(32 * first)), found, u32(TWO_OVER_PI[w + first])),
      u32(TWO_OVER_PI[w]),
    )
  );
  const moved = (all: Expr[], by: number) =>
    all.slice(0, -1).map((word, i) => or(shl(word, by), shr(all[i + 1], 32 - by)));
  const shifted = [16, 8].reduce((all, by) => {
    const further = [...moved(all, by), shl(all.at(-1)!, by)];
    return all.map((word, i) => byBit(place, Math.log2(by), further[i], word));
  }, words);
  const mantissa = or(and(bits, u32(0x7fffff)), u32(0x800000));
  const factor = [4, 2, 1].reduce((m, by) => byBit(place, Math.log2(by), shl(m, by), m), mantissa);
  // The product's bits from 2^1 down: two for the quadrant, the others for the place in it.
  const [first, second, third] = shifted;
  const lowPart = mul(factor, second);
  const low = add(lowPart, highProduct(factor, third));
  const carry = select(lt(low, lowPart), u32(1), u32(0));
  const high = add(add(mul(factor, first), highProduct(factor, second)), carry);
  const quadrant = shr(add(high, u32(2 ** 29)), 30);
  // As a signed number of quarter turns: from -1/2 to 1/2.
  const turn = toI32(or(shl(high, 2), shr(low, 30)));
  const fine = toF32(shl(low, 2));
  const quarters = mulAdd(fine, f32(2 ** -64), mul(toF32(turn), f32(2 ** -32)));
  return { rest: mul(quarters, f32(Math.PI / 2)), quadrant };
}

/** sin(x + quarter * pi / 2), exact to two units in the last place. */
export function expandSine(x: Expr, quarter: 0 | 1): Expr {
  const size = abs(x);
  // What is below half a quadrant stays as it is.
  const isSmall = lt(size, f32(0.785));
  const { rest, quadrant } = reduce(size);
  const r = select(isSmall, size, rest);
  const q = add(select(isSmall, u32(0), quadrant), u32(quarter));
  const square = mul(r, r);
  const sineTail = polynomial(square, [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4]);
  const cosineTail = polynomial(square, [
    4.166664568298827e-2,
    -1.388731625493765e-3,
    2.443315711809948e-5,
  ]);
  const sine = mulAdd(mul(r, square), sineTail, r);
  const cosine = mulAdd(mul(square, square), cosineTail, mulAdd(square, f32(-0.5), f32(1)));
  const value = select(ne(and(q, u32(1)), u32(0)), cosine, sine);
  // The sine turns its sign with x, the cosine does not.
  const own = quarter === 0 ? and(bitsOfF32(x), u32(0x80000000)) : u32(0);
  const sign = xor(shl(and(q, u32(2)), 30), own);
  return select(lt(size, f32(Infinity)), bitsToF32(xor(bitsOfF32(value), sign)), f32(NaN));
}
