/** Between which numbers a float lies, as far as its expression alone tells, and whether it may be NaN besides. */
import type { Expr } from "../../engine/expression/expr.ts";

/** The smallest and the largest number that it can be. */
export interface FloatRange {
  readonly low: number;
  readonly high: number;
}

const EVERYTHING: FloatRange = { low: -Infinity, high: Infinity };

/** The range of an expression of type f32. */
export function floatRange(e: Expr): FloatRange {
  const [a, b, c] = e.args;
  switch (e.op) {
    case "const":
      return { low: e.value, high: e.value };
    case "abs":
      return { low: 0, high: largestSize(floatRange(a)) };
    case "neg": {
      const { low, high } = floatRange(a);
      return { low: 0 - high, high: 0 - low };
    }
    case "mul":
      return b.op === "const" ? scaled(floatRange(a), b.value) : EVERYTHING;
    case "min":
    case "max":
      return b.op === "const" ? limited(floatRange(a), e.op, b.value) : EVERYTHING;
    case "select":
      return cut(a, b, c) ?? EVERYTHING;
  }
  return EVERYTHING;
}

const largestSize = ({ low, high }: FloatRange) => Math.max(-low, high);

function scaled({ low, high }: FloatRange, factor: number): FloatRange {
  const ends = [Math.fround(low * factor), Math.fround(high * factor)];
  // Zero times infinity.
  if (ends.some(Number.isNaN)) return EVERYTHING;
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

function limited({ low, high }: FloatRange, side: "min" | "max", limit: number): FloatRange {
  return { low: Math[side](low, limit), high: Math[side](high, limit) };
}

/** `limit < x ? limit : x` and `x < limit ? limit : x` */
function cut(condition: Expr, limit: Expr, x: Expr): FloatRange | undefined {
  if (condition.op !== "lt" || limit.op !== "const") return undefined;
  const range = floatRange(x);
  const [first, second] = condition.args;
  if (first === limit && second === x) return limited(range, "min", limit.value);
  if (first === x && second === limit) return limited(range, "max", limit.value);
  return undefined;
}

/** Whether a float can be NaN, as far as its expression tells. */
export function mayBeNan(e: Expr): boolean {
  if (e.op === "const") return Number.isNaN(e.value);
  if (e.op === "neg" || e.op === "abs") return mayBeNan(e.args[0]);
  return e.op !== "toF32";
}
