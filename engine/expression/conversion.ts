/** Expressions of one type as expressions of another. */
import { select } from "./logic.ts";
import { intern } from "./intern.ts";
import { f32, i32, isConst, u32 } from "./leaves.ts";
import type { Expr } from "./node.ts";

/** To single precision; `true` is 1. */
export function toF32(a: Expr): Expr {
  if (a.type === "f32") return a;
  if (isConst(a)) return f32(a.value);
  return a.type === "bool" ? select(a, f32(1), f32(0)) : intern("toF32", "f32", [a]);
}

/** To a signed integer: floats are truncated and saturate, unsigned values keep their bits. */
export function toI32(a: Expr): Expr {
  if (a.type === "i32") return a;
  if (a.type === "bool") return select(a, i32(1), i32(0));
  if (isConst(a)) {
    return i32(a.type === "f32" ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(a.value))) : a.value);
  }
  const range = a.type === "u32" && a.high < 2 ** 31 ? [a.low, a.high] as const : undefined;
  return intern("toI32", "i32", [a], { range });
}

/** To an unsigned integer: floats are truncated and saturate, signed values keep their bits. */
export function toU32(a: Expr): Expr {
  if (a.type === "u32") return a;
  if (a.type === "bool") return select(a, u32(1), u32(0));
  if (isConst(a)) {
    return u32(a.type === "f32" ? Math.max(0, Math.min(2 ** 32 - 1, Math.trunc(a.value))) : a.value);
  }
  const range = a.type === "i32" && a.low >= 0 ? [a.low, a.high] as const : undefined;
  return intern("toU32", "u32", [a], { range });
}

/** The float that these 32 bits are. */
export const bitsToF32 = (a: Expr): Expr => intern("bitsToF32", "f32", [a]);
/** The float that the low 16 bits are as a number of half precision (IEEE 754 binary16); those above are zero. */
export const halfToF32 = (bits: Expr): Expr => intern("halfToF32", "f32", [bits]);
/** The 32 bits of a float. */
export const bitsOfF32 = (a: Expr): Expr => intern("bitsOfF32", "u32", [a]);
