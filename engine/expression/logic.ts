/** Comparisons, truth values and bits of expressions, and the choice between two. */
import { arithmetic } from "./arithmetic.ts";
import { intern } from "./intern.ts";
import { bool, isConst } from "./leaves.ts";
import type { Expr } from "./node.ts";

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
