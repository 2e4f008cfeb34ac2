/** How reductions join values, as expressions over running parts; both devices lower the same ones. */
import {
  abs,
  add,
  and,
  bool,
  eq,
  exp,
  type Expr,
  f32,
  i32,
  isNan,
  le,
  log,
  lt,
  max,
  min,
  mul,
  mulAdd,
  neg,
  not,
  or,
  type ScalarType,
  select,
  sub,
  u32,
} from "./expr.ts";
import type { ReduceOp } from "../tensor.ts";

/** A reduction's running parts (most have one), and what happens to them. */
export interface ReduceRule {
  /** The parts before the first value. */
  readonly start: readonly Expr[];
  /** A value that changes nothing. */
  readonly neutral: Expr;
  /** Whether joining is dear, so that several values at once cost less than one by one. */
  readonly isDear: boolean;
  /** Whether each joining rounds, so that long runs are joined in tiers. */
  readonly drifts: boolean;
  /** The parts after one more value; `position` counts the values in the order of the loops. */
  step(parts: readonly Expr[], value: Expr, position: Expr): readonly Expr[];
  /**
   * The parts after several more values, in their order; with no parts, those are the first. The last bits may be others
   * than those of as many steps.
   */
  steps(
    parts: readonly Expr[] | undefined,
    values: readonly Expr[],
    positions: readonly Expr[],
  ): readonly Expr[];
  /** Two runs joined, the first of which comes first in the order of the loops. */
  merge(a: readonly Expr[], b: readonly Expr[]): readonly Expr[];
  /** The result. */
  finish(parts: readonly Expr[]): Expr;
}

const LARGEST = 3.4028234663852886e38;

const lowest: Record<ScalarType, () => Expr> = {
  f32: () => f32(-Infinity),
  i32: () => i32(-(2 ** 31)),
  u32: () => u32(0),
  bool: () => i32(0),
};
const highest: Record<ScalarType, () => Expr> = {
  f32: () => f32(Infinity),
  i32: () => i32(2 ** 31 - 1),
  u32: () => u32(2 ** 32 - 1),
  bool: () => i32(1),
};
const one: Record<ScalarType, () => Expr> = {
  f32: () => f32(1),
  i32: () => i32(1),
  u32: () => u32(1),
  bool: () => i32(1),
};
const zero: Record<ScalarType, () => Expr> = {
  f32: () => f32(0),
  i32: () => i32(0),
  u32: () => u32(0),
  bool: () => i32(0),
};

/** Joined two by two, then those, and so on: nothing waits for long. */
function inPairs(values: readonly Expr[], join: (a: Expr, b: Expr) => Expr): Expr {
  if (values.length === 1) return values[0];
  const half = Math.ceil(values.length / 2);
  return join(inPairs(values.slice(0, half), join), inPairs(values.slice(half), join));
}

function simple(start: Expr, join: (a: Expr, b: Expr) => Expr, drifts = false): ReduceRule {
  const step = (a: readonly Expr[], b: Expr) => [join(a[0], b)];
  return {
    start: [start],
    neutral: start,
    isDear: false,
    drifts,
    step,
    steps: (parts, values) => {
      const all = inPairs(values, join);
      return parts ? step(parts, all) : [all];
    },
    merge: (a, b) => step(a, b[0]),
    finish: ([a]) => a,
  };
}

/** NaN stays, whichever side it comes from. */
const keepNan = (pick: (a: Expr, b: Expr) => Expr) => (a: Expr, b: Expr) =>
  b.type === "f32" ? select(isNan(b), b, pick(a, b)) : pick(a, b);
const larger = keepNan(max);
const smaller = keepNan(min);

/** Whether a value is the best one: where any is NaN, that is. */
const isBest = (value: Expr, best: Expr) =>
  value.type === "f32" ? or(eq(value, best), isNan(value)) : eq(value, best);

const bothNan = (a: Expr, b: Expr) => a.type === "f32" ? and(isNan(a), isNan(b)) : bool(false);

/** Whether a is larger than b; NaN is larger than all numbers. */
export const exceeds = (a: Expr, b: Expr): Expr =>
  a.type === "f32" ? and(not(le(a, b)), not(isNan(b))) : lt(b, a);

/** Whether a is smaller than b; NaN is smaller than all numbers. */
export const undercuts = (a: Expr, b: Expr): Expr =>
  a.type === "f32" ? and(not(le(b, a)), not(isNan(b))) : lt(a, b);

/** The first position of the best value. */
function position(
  start: Expr,
  join: (a: Expr, b: Expr) => Expr,
  better: (a: Expr, b: Expr) => Expr,
): ReduceRule {
  return {
    start: [start, i32(0)],
    neutral: start,
    isDear: false,
    drifts: false,
    step: ([best, at], value, here) => {
      const wins = better(value, best);
      return [select(wins, value, best), select(wins, here, at)];
    },
    // The best of all first, as `max` and `min` have it in any case; then where it is from.
    steps: (parts, values, positions) => {
      const all = inPairs(values, join);
      const best = parts ? join(parts[0], all) : all;
      const found = values.slice(0, -1).reduceRight(
        (at, value, i) => select(isBest(value, best), positions[i], at),
        positions[values.length - 1],
      );
      return [best, parts ? select(isBest(parts[0], best), parts[1], found) : found];
    },
    merge: ([a, atA], [b, atB]) => {
      const wins = or(better(b, a), and(or(eq(a, b), bothNan(a, b)), lt(atB, atA)));
      return [select(wins, b, a), select(wins, atB, atA)];
    },
    finish: ([, at]) => at,
  };
}

/** Of two sums, each of exponentials from its own top down: both from the higher top down. One of them keeps its size. */
function joinExponentials([topA, sumA]: readonly Expr[], [topB, sumB]: readonly Expr[]): Expr[] {
  const distance = sub(topB, topA);
  const shrink = exp(neg(abs(distance)));
  const isHigher = lt(f32(0), distance);
  const sum = add(select(isHigher, mul(sumA, shrink), sumA), select(isHigher, sumB, mul(sumB, shrink)));
  return [select(isHigher, topB, topA), sum];
}

/** Beside one, what is smaller than e to this does not count; devices have it cheaper than what is close to zero. */
const LOWEST_EXPONENT = -86;
const notBelow = (e: Expr, limit: number) => select(lt(e, f32(limit)), f32(limit), e);

/** log(sum(exp(x))) with the largest value so far taken out, so that nothing overflows. */
const logSumExp: ReduceRule = {
  start: [f32(-LARGEST), f32(0)],
  neutral: f32(-Infinity),
  isDear: true,
  drifts: true,
  steps: (parts, values) => {
    // The highest of all first: then each value takes one exponential, and what was there before another.
    const [before, sum] = parts ?? logSumExp.start;
    const top = max(before, min(inPairs(values, max), f32(LARGEST)));
    const more = inPairs(values.map((value) => exp(notBelow(sub(value, top), LOWEST_EXPONENT))), add);
    return [top, parts ? mulAdd(sum, exp(notBelow(sub(before, top), LOWEST_EXPONENT)), more) : more];
  },
  step: (parts, value) => {
    // A top stays finite, so that tops can be compared by their distance; what it misses is in the sum.
    const top = max(min(value, f32(LARGEST)), f32(-LARGEST));
    const weight = add(f32(1), sub(value, top));
    return joinExponentials(parts, [top, select(lt(weight, f32(0)), f32(0), weight)]);
  },
  merge: joinExponentials,
  // The highest value counts as one. A sum below that has seen nothing but minus infinity.
  finish: ([top, sum]) => select(lt(sum, f32(1)), f32(-Infinity), add(top, log(sum))),
};

/** sum(exp(x - max(x))). Infinity has no distance from itself, so where it is the largest the result is NaN. */
const sumExp: ReduceRule = {
  ...logSumExp,
  finish: ([, sum]) => select(lt(sum, f32(Infinity)), sum, f32(NaN)),
};

/** The rule of a reduce op for values of a type. */
export function reduceRule(reduceOp: ReduceOp, type: ScalarType): ReduceRule {
  switch (reduceOp) {
    case "sum":
      return simple(zero[type](), add, type === "f32");
    case "product":
      return simple(one[type](), mul);
    case "max":
      return simple(lowest[type](), larger);
    case "min":
      return simple(highest[type](), smaller);
    case "argMax":
      return position(lowest[type](), larger, exceeds);
    case "argMin":
      return position(highest[type](), smaller, undercuts);
    case "logSumExp":
      return logSumExp;
    case "sumExp":
      return sumExp;
  }
}
