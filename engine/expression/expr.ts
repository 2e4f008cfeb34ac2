/**
 * Scalar expressions: what one element of a kernel's result is, as a small graph that both devices lower
 * (to WGSL, to WebAssembly). Equal expressions are the same object, so sharing is found by identity.
 *
 * Integer expressions of type `i32` are index arithmetic and keep a normal form (`index_math.ts`) and a
 * range `[low, high]`, which is how bounds checks and divisions disappear.
 */

import type { DType } from "../array.ts";
import { halfBitsOf } from "../element.ts";

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
  | "dot"
  | "accumulator"
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

/** A scalar expression. Made by the functions of this file and of `index_math.ts` only. */
export interface Expr {
  readonly id: number;
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly Expr[];
  /** The number of a `const`, the constant term of an `affine`, the position of an `accumulator`. */
  readonly value: number;
  /** The factors of an `affine`, one per argument. */
  readonly coefficients: readonly number[];
  /** The axis of an `axis`, the tensor of a `load`. */
  readonly source: unknown;
  /** The smallest and largest value, exact for index arithmetic, else the whole type. */
  readonly low: number;
  readonly high: number;
}

let nextId = 0;
let interned: ExprTable = new Map();
const sourceIds = new WeakMap<object, number>();

/** The expressions of one plan, by what they are. */
export type ExprTable = Map<string, Expr>;

/** Begins a table for a plan, so that none grows for ever. */
export function newExprTable(): ExprTable {
  return interned = new Map();
}

/** Goes on with a plan's table: for whoever works on its expressions after something else may have been planned. */
export function useExprTable(table: ExprTable): void {
  interned = table;
}

/** The parts of an expression other than its operation, type and arguments. */
export interface ExprExtra {
  value?: number;
  coefficients?: readonly number[];
  source?: object;
  range?: readonly [number, number];
}

/** Makes an expression, or gives the equal one that exists. */
export function intern(op: ExprOp, type: ScalarType, args: readonly Expr[], extra: ExprExtra = {}): Expr {
  const { value = 0, coefficients = [], source, range } = extra;
  let sourceId = -1;
  if (source) {
    sourceId = sourceIds.get(source) ?? nextId++;
    sourceIds.set(source, sourceId);
  }
  const number = Object.is(value, -0) ? "-0" : value;
  const key = `${op} ${type} ${args.map((a) => a.id)} ${number} ${coefficients} ${sourceId}`;
  const known = interned.get(key);
  if (known) return known;
  const [low, high] = range ?? (type === "u32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1]);
  const made = { id: nextId++, op, type, args, value, coefficients, source, low, high };
  interned.set(key, made);
  return made;
}

/** A constant of the given type; `f32` values are rounded to single precision. */
export function constant(type: ScalarType, value: number): Expr {
  const v = type === "f32" ? Math.fround(value) : type === "u32" ? value >>> 0 : value | 0;
  return intern("const", type, [], { value: v, range: [v, v] });
}

/** A number that `dtype` holds, as its elements are once they are loaded: halves as their bits. */
export const elementConstant = (dtype: DType, value: number): Expr =>
  constant(scalarType(dtype), dtype === "float16" ? halfBitsOf(value) : value);

/** A single-precision constant. */
export const f32 = (value: number): Expr => constant("f32", value);
/** An unsigned constant, modulo 2^32. */
export const u32 = (value: number): Expr => constant("u32", value);
/** A signed constant. */
export const i32 = (value: number): Expr => constant("i32", value);
/** A truth value. */
export const bool = (value: boolean): Expr => constant("bool", value ? 1 : 0);

/** The running index of a loop. */
export function axisValue(axis: Axis): Expr {
  return axis.size === 1 ? i32(0) : intern("axis", "i32", [], { source: axis, range: [0, axis.size - 1] });
}

/** The element of a stored tensor at a flat index; `source` is the tensor, `dtype` what it is stored as. */
export function loadFrom(source: object, dtype: DType, flat: Expr): Expr {
  const most = { uint8: 255, float16: 65535, bool: 1 }[dtype as string];
  const range = most === undefined ? undefined : [0, most] as const;
  return intern("load", scalarType(dtype), [flat], { source, range });
}

/** The finished sum of a kernel's contraction. */
export function dotValue(): Expr {
  return intern("dot", "f32", []);
}

/** The finished value of a kernel's accumulator number `position`. */
export function accumulatorValue(position: number, type: ScalarType): Expr {
  return intern("accumulator", type, [], { value: position });
}

const isConst = (e: Expr) => e.op === "const";
const isValue = (e: Expr, value: number) => e.op === "const" && Object.is(e.value, value);

const unaryFold: Partial<Record<ExprOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
};

function unary(op: ExprOp, a: Expr): Expr {
  const fold = unaryFold[op];
  if (fold && isConst(a)) return constant(a.type, fold(a.value));
  return intern(op, a.type, [a]);
}

/** -a */
export const neg = (a: Expr): Expr => a.op === "neg" ? a.args[0] : unary("neg", a);
/** |a| */
export const abs = (a: Expr): Expr => unary("abs", a);
/** Square root; NaN below zero. */
export const sqrt = (a: Expr): Expr => unary("sqrt", a);
/** The largest integer that is not above a. */
export const floor = (a: Expr): Expr => unary("floor", a);
/** The smallest integer that is not below a. */
export const ceil = (a: Expr): Expr => unary("ceil", a);
/** The nearest integer, halves to even. */
export const round = (a: Expr): Expr => unary("round", a);
/** e^a */
export const exp = (a: Expr): Expr => unary("exp", a);
/** Natural logarithm. */
export const log = (a: Expr): Expr => unary("log", a);
/** Sine of radians. */
export const sin = (a: Expr): Expr => unary("sin", a);
/** Cosine of radians. */
export const cos = (a: Expr): Expr => unary("cos", a);
/** Hyperbolic tangent. */
export const tanh = (a: Expr): Expr => unary("tanh", a);
/** Whether a is not a number, from its bits. */
export const isNan = (a: Expr): Expr =>
  isConst(a) ? bool(Number.isNaN(a.value)) : intern("isNan", "bool", [a]);
/** Logical not. */
export const not = (a: Expr): Expr =>
  isConst(a)
    ? bool(a.value === 0)
    : a.op === "not"
    ? a.args[0]
    : intern("not", "bool", [a], { range: [0, 1] });

function arithmetic(
  op: ExprOp,
  a: Expr,
  b: Expr,
  fold: (x: number, y: number) => number,
  most?: number,
): Expr {
  if (a.type !== b.type) throw new TypeError(`Cannot ${op} ${a.type} and ${b.type}`);
  if (isConst(a) && isConst(b)) return constant(a.type, fold(a.value, b.value));
  return intern(op, a.type, [a, b], { range: most === undefined ? undefined : [0, most] });
}

/** a + b */
export function add(a: Expr, b: Expr): Expr {
  if (isValue(a, 0)) return b;
  if (isValue(b, 0)) return a;
  return arithmetic("add", a, b, (x, y) => x + y);
}

/** a - b */
export function sub(a: Expr, b: Expr): Expr {
  return isValue(b, 0) ? a : arithmetic("sub", a, b, (x, y) => x - y);
}

/** a * b */
export function mul(a: Expr, b: Expr): Expr {
  if (isValue(a, 1)) return b;
  if (isValue(b, 1)) return a;
  return arithmetic("mul", a, b, (x, y) => a.type === "f32" ? x * y : Math.imul(x, y));
}

/** a * b + c in single precision: the product is rounded or not, whatever is cheaper where it is computed. */
export function mulAdd(a: Expr, b: Expr, c: Expr): Expr {
  const isKnown = isConst(a) && isConst(b) && isConst(c);
  return isKnown ? f32(a.value * b.value + c.value) : intern("mulAdd", "f32", [a, b, c]);
}

/** a / b; for integers the quotient is truncated. */
export function div(a: Expr, b: Expr): Expr {
  if (isValue(b, 1)) return a;
  // Compilers for GPUs may take a division by a zero that they see for anything.
  if (isConst(b) && b.value === 0 && b.type === "f32") return mul(a, f32(1 / b.value));
  return arithmetic("div", a, b, (x, y) => a.type === "f32" ? x / y : Math.trunc(x / y));
}

/** The remainder of `div`, with the sign of a. */
export const rem = (a: Expr, b: Expr): Expr => arithmetic("rem", a, b, (x, y) => x % y);
/** a^b */
export const pow = (a: Expr, b: Expr): Expr => arithmetic("pow", a, b, (x, y) => x ** y);
/** The smaller one; which one is given for NaN is left open. */
export const min = (a: Expr, b: Expr): Expr => extreme("min", a, b);
/** The larger one; which one is given for NaN is left open. */
export const max = (a: Expr, b: Expr): Expr => extreme("max", a, b);

function extreme(op: "min" | "max", a: Expr, b: Expr): Expr {
  const pick = Math[op];
  if (a === b) return a;
  if (isConst(a) && isConst(b)) return constant(a.type, pick(a.value, b.value));
  if (a.type !== b.type) throw new TypeError(`Cannot ${op} ${a.type} and ${b.type}`);
  if (a.type === "i32") {
    if (op === "max" ? a.low >= b.high : a.high <= b.low) return a;
    if (op === "max" ? b.low >= a.high : b.high <= a.low) return b;
  }
  return intern(op, a.type, [a, b], { range: [pick(a.low, b.low), pick(a.high, b.high)] });
}

/** Bitwise and; logical and for truth values. */
export function and(a: Expr, b: Expr): Expr {
  if (a.type === "bool") {
    if (isConst(a)) return a.value ? b : a;
    if (isConst(b)) return b.value ? a : b;
  }
  if (a === b) return a;
  const most = a.type === "u32" ? Math.min(a.high, b.high) : undefined;
  return arithmetic("and", a, b, (x, y) => x & y, most);
}

/** Bitwise or; logical or for truth values. */
export function or(a: Expr, b: Expr): Expr {
  if (a.type === "bool") {
    if (isConst(a)) return a.value ? a : b;
    if (isConst(b)) return b.value ? b : a;
  }
  return a === b ? a : arithmetic("or", a, b, (x, y) => x | y);
}

/** Bitwise exclusive or. */
export const xor = (a: Expr, b: Expr): Expr => arithmetic("xor", a, b, (x, y) => x ^ y);
/** Shift to the left by a constant number of bits. */
export const shl = (a: Expr, bits: number): Expr =>
  bits === 0 ? a : arithmetic("shl", a, constant(a.type, bits), (x, y) => x << y);
/** Shift to the right by a constant number of bits; zeros come in for `u32`, the sign for `i32`. */
export const shr = (a: Expr, bits: number): Expr =>
  bits === 0
    ? a
    : arithmetic("shr", a, constant(a.type, bits), (x, y) => a.type === "u32" ? x >>> y : x >> y);

function compare(
  op: "eq" | "ne" | "lt" | "le",
  a: Expr,
  b: Expr,
  fold: (x: number, y: number) => boolean,
): Expr {
  if (a.type !== b.type) throw new TypeError(`Cannot compare ${a.type} with ${b.type}`);
  if (isConst(a) && isConst(b)) return bool(fold(a.value, b.value));
  if (a.type === "i32") {
    if (op === "lt" && a.high < b.low || op === "le" && a.high <= b.low) return bool(true);
    if (op === "lt" && a.low >= b.high || op === "le" && a.low > b.high) return bool(false);
    if (a.high < b.low || b.high < a.low) {
      if (op === "eq") return bool(false);
      if (op === "ne") return bool(true);
    }
  }
  return intern(op, "bool", [a, b], { range: [0, 1] });
}

/** a == b */
export const eq = (a: Expr, b: Expr): Expr => compare("eq", a, b, (x, y) => x === y);
/** a != b */
export const ne = (a: Expr, b: Expr): Expr => compare("ne", a, b, (x, y) => x !== y);
/** a < b */
export const lt = (a: Expr, b: Expr): Expr => compare("lt", a, b, (x, y) => x < y);
/** a <= b */
export const le = (a: Expr, b: Expr): Expr => compare("le", a, b, (x, y) => x <= y);
/** a > b */
export const gt = (a: Expr, b: Expr): Expr => lt(b, a);
/** a >= b */
export const ge = (a: Expr, b: Expr): Expr => le(b, a);

/** `condition ? yes : no`; both sides may be evaluated. */
export function select(condition: Expr, yes: Expr, no: Expr): Expr {
  if (yes.type !== no.type) throw new TypeError(`Cannot select between ${yes.type} and ${no.type}`);
  if (isConst(condition)) return condition.value ? yes : no;
  if (yes === no) return yes;
  if (yes.type === "bool") {
    if (isConst(yes)) return yes.value ? or(condition, no) : and(not(condition), no);
    if (isConst(no)) return no.value ? or(not(condition), yes) : and(condition, yes);
  }
  const range = [Math.min(yes.low, no.low), Math.max(yes.high, no.high)] as const;
  return intern("select", yes.type, [condition, yes, no], { range });
}

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

/** Visits every distinct part of the expressions, arguments before what uses them. */
export function visit(roots: Iterable<Expr>, enter: (e: Expr) => void): void {
  const seen = new Set<Expr>();
  const go = (e: Expr) => {
    if (seen.has(e)) return;
    seen.add(e);
    e.args.forEach(go);
    enter(e);
  };
  for (const root of roots) go(root);
}
