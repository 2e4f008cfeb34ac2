/** Numbers as bits of half precision (IEEE 754 binary16), by whole numbers alone: the same on every device. */
import {
  add,
  and,
  bitsOfF32,
  bitsToF32,
  type Expr,
  f32,
  lt,
  or,
  select,
  shr,
  sub,
  u32,
} from "../../engine/expression/expr.ts";

/** 2^-14 and 2^16 as single precision: the smallest normal half, and the first power of two beyond the largest. */
const SMALLEST = 0x38800000;
const BEYOND = 0x47800000;
const INFINITE = 0x7c00;

/** The nearest half, to even where two are as near; infinite beyond 65,504. */
export function halfBits(x: Expr): Expr {
  const bits = bitsOfF32(x);
  const size = and(bits, u32(0x7fffffff));
  // The exponent counts from another zero, and 13 bits go; a carry may lead into the exponent, as it should.
  const shifted = sub(size, u32(112 << 23));
  const normal = shr(add(shifted, add(u32(0xfff), and(shr(shifted, 13), u32(1)))), 13);
  // Below the normal ones halves are multiples of 2^-24, to which the sum with 1/2 rounds.
  const subnormal = sub(bitsOfF32(add(bitsToF32(size), f32(0.5))), u32(0x3f000000));
  const finite = select(lt(size, u32(SMALLEST)), subnormal, normal);
  const beyond = select(lt(u32(0x7f800000), size), u32(0x7e00), u32(INFINITE));
  return or(and(shr(bits, 16), u32(0x8000)), select(lt(size, u32(BEYOND)), finite, beyond));
}
