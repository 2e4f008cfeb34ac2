/** Which instructions compute an operation, for one element and for four, when its operands are on the stack. */
import type { Expr } from "../../../engine/expression/expr.ts";
import type { Instruction } from "./opcodes.ts";

/** The four words of a vector. */
export type Words = [number, number, number, number];
/** A vector of one word, four times. */
export const same = (word: number): Words => [word, word, word, word];

/** By type and operation. */
const scalarBinary: Record<string, Record<string, Instruction>> = {
  f32: { add: "f32_add", sub: "f32_sub", mul: "f32_mul", div: "f32_div" },
  i32: { add: "i32_add", sub: "i32_sub", mul: "i32_mul", and: "i32_and", or: "i32_or", xor: "i32_xor" },
};
const vectorBinary: Record<string, Record<string, Instruction>> = {
  f32: {
    add: "f32x4_add",
    sub: "f32x4_sub",
    mul: "f32x4_mul",
    div: "f32x4_div",
    min: "f32x4_pmin",
    max: "f32x4_pmax",
  },
  i32: { min: "i32x4_min_s", max: "i32x4_max_s" },
  u32: { min: "i32x4_min_u", max: "i32x4_max_u" },
  int: {
    add: "i32x4_add",
    sub: "i32x4_sub",
    mul: "i32x4_mul",
    and: "v128_and",
    or: "v128_or",
    xor: "v128_xor",
  },
};
/** By the operands' type. */
export const scalarCompare: Record<string, Record<string, Instruction>> = {
  f32: { eq: "f32_eq", ne: "f32_ne", lt: "f32_lt", le: "f32_le" },
  i32: { eq: "i32_eq", ne: "i32_ne", lt: "i32_lt_s", le: "i32_le_s" },
  u32: { eq: "i32_eq", ne: "i32_ne", lt: "i32_lt_u", le: "i32_le_u" },
  bool: { eq: "i32_eq", ne: "i32_ne" },
};
const vectorCompare: Record<string, Record<string, Instruction>> = {
  f32: { eq: "f32x4_eq", ne: "f32x4_ne", lt: "f32x4_lt", le: "f32x4_le" },
  i32: { eq: "i32x4_eq", ne: "i32x4_ne", lt: "i32x4_lt_s", le: "i32x4_le_s" },
  u32: { eq: "i32x4_eq", ne: "i32x4_ne", lt: "i32x4_lt_u", le: "i32x4_le_u" },
  bool: { eq: "i32x4_eq", ne: "i32x4_ne" },
};
/** For one element, and for four. */
const floatUnary: Record<string, [Instruction, Instruction]> = {
  neg: ["f32_neg", "f32x4_neg"],
  abs: ["f32_abs", "f32x4_abs"],
  sqrt: ["f32_sqrt", "f32x4_sqrt"],
  floor: ["f32_floor", "f32x4_floor"],
  ceil: ["f32_ceil", "f32x4_ceil"],
  round: ["f32_nearest", "f32x4_nearest"],
};

const isSigned = ({ type, high }: Expr) => type === "i32" || high < 2 ** 31;

/** The instructions for one element behind all operands in their order; `undefined` where that is not all there is to it. */
export function scalarInstructions({ op, type, args: [a] }: Expr): readonly Instruction[] | undefined {
  switch (op) {
    case "toF32":
      return [isSigned(a) ? "f32_convert_i32_s" : "f32_convert_i32_u"];
    case "toI32":
      return a.type === "f32" ? ["i32_trunc_sat_f32_s"] : [];
    case "toU32":
      return a.type === "f32" ? ["i32_trunc_sat_f32_u"] : [];
    case "bitsToF32":
      return ["f32_reinterpret_i32"];
    case "bitsOfF32":
      return ["i32_reinterpret_f32"];
    case "not":
      return ["i32_eqz"];
    case "shl":
      return ["i32_shl"];
    case "shr":
      return [type === "u32" ? "i32_shr_u" : "i32_shr_s"];
  }
  const found = type === "f32" && floatUnary[op]?.[0] || a && scalarCompare[a.type]?.[op] ||
    scalarBinary[type === "f32" ? "f32" : "i32"][op];
  return found && [found];
}

/** The same for four elements. */
export function vectorInstructions({ op, type, args: [a] }: Expr): readonly Instruction[] | undefined {
  switch (op) {
    case "toF32":
      return [isSigned(a) ? "f32x4_convert_i32x4_s" : "f32x4_convert_i32x4_u"];
    case "toI32":
      return a.type === "f32" ? ["i32x4_trunc_sat_f32x4_s"] : [];
    case "toU32":
      return a.type === "f32" ? ["i32x4_trunc_sat_f32x4_u"] : [];
    case "bitsToF32":
    case "bitsOfF32":
      return [];
    case "not":
      return ["v128_not"];
  }
  const found = type === "f32" && floatUnary[op]?.[1] || a && vectorCompare[a.type]?.[op] ||
    (type === "f32" ? vectorBinary.f32 : { ...vectorBinary.int, ...vectorBinary[type] })[op];
  return found && [found];
}

/** The instruction for a choice of the larger or the smaller of what is compared. */
export function extremeOf({ type, args: [condition, yes, no] }: Expr): Instruction | undefined {
  if (condition.op !== "lt" || type !== "f32") return undefined;
  const [low, high] = condition.args;
  if (yes === low && no === high) return "f32x4_pmin";
  return yes === high && no === low ? "f32x4_pmax" : undefined;
}
