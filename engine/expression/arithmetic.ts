/** Arithmetic of expressions. Constants are computed, and what changes nothing is left out. */
import { intern } from "./intern.ts";
import { constant, f32, isConst, isValue } from "./leaves.ts";
import type { Expr, ExprOp } from "./node.ts";

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
/** An operation on two numbers of one type. */
export function arithmetic(
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

/** Shift to the left by a constant number of bits. */
export const shl = (a: Expr, bits: number): Expr =>
  bits === 0 ? a : arithmetic("shl", a, constant(a.type, bits), (x, y) => x << y);
/** Shift to the right by a constant number of bits; zeros come in for `u32`, the sign for `i32`. */
export const shr = (a: Expr, bits: number): Expr =>
  bits === 0
    ? a
    : arithmetic("shr", a, constant(a.type, bits), (x, y) => a.type === "u32" ? x >>> y : x >> y);
