/** What a scalar expression is. */
import type { DType } from "../array.ts";

/** The types that arithmetic happens in. */
export type ScalarType = "f32" | "i32" | "u32" | "bool";

/** The type that elements of `dtype` have once they are loaded; those of `float16` are their bits. */
export function scalarType(dtype: DType): ScalarType {
  return dtype === "float32" ? "f32" : dtype === "int32" ? "i32" : dtype === "bool" ? "bool" : "u32";
}

/** One loop of a kernel: an index that runs from 0 to `size - 1`. */
export interface Axis {
  readonly name: string;
  readonly size: number;
}

/** The operations; `affine` is `value + sum(coefficients[i] * args[i])`. */
export type ExprOp =
  | "const"
  | "axis"
  | "load"
  | "placeholder"
  | "affine"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "round"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "not"
  | "toF32"
  | "toI32"
  | "toU32"
  | "bitsToF32"
  | "bitsOfF32"
  | "halfToF32"
  | "isNan"
  | "add"
  | "sub"
  | "mul"
  | "mulAdd"
  | "div"
  | "rem"
  | "min"
  | "max"
  | "pow"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "select";

/** A scalar expression. Made by the functions of this folder only. */
export interface Expr {
  readonly id: number;
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly Expr[];
  /** The number of a `const`, the constant term of an `affine`. */
  readonly value: number;
  /** The factors of an `affine`, one per argument. */
  readonly coefficients: readonly number[];
  /** The axis of an `axis`, the tensor of a `load`. */
  readonly source: unknown;
  /** The smallest and largest value, exact for index arithmetic, else the whole type. */
  readonly low: number;
  readonly high: number;
}

/** The parts of an expression other than its operation, type and arguments. */
export interface ExprExtra {
  value?: number;
  coefficients?: readonly number[];
  source?: object;
  range?: readonly [number, number];
}
