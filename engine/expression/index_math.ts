/**
 * Index arithmetic in a normal form. An index is `constant + sum(coefficient * atom)`, where an atom is a
 * loop index, a quotient, a remainder or a loaded integer. Quotients and remainders by constants are taken
 * apart as far as the known ranges allow, and put together again when both halves meet, so that reshaping,
 * flattening and windows leave plain strides behind.
 */
import { and, bool, type Expr, i32, intern, le, lt, toU32, u32 } from "./expr.ts";

interface Affine {
  constant: number;
  terms: Map<Expr, number>;
}

/** The normal form of an index expression. */
export function affineOf(e: Expr): { constant: number; terms: ReadonlyMap<Expr, number> } {
  if (e.op === "const") return { constant: e.value, terms: new Map() };
  if (e.op === "affine") {
    return { constant: e.value, terms: new Map(e.args.map((a, i) => [a, e.coefficients[i]])) };
  }
  return { constant: 0, terms: new Map([[e, 1]]) };
}

function addScaled(into: Affine, e: Expr, factor: number): void {
  if (e.op === "const") into.constant += e.value * factor;
  else if (e.op !== "affine") addTerm(into, e, factor);
  else {
    into.constant += e.value * factor;
    e.args.forEach((atom, i) => addTerm(into, atom, e.coefficients[i] * factor));
  }
}

function addTerm({ terms }: Affine, atom: Expr, coefficient: number): void {
  const sum = (terms.get(atom) ?? 0) + coefficient;
  if (sum === 0) terms.delete(atom);
  else terms.set(atom, sum);
}

/** Finds `k * rem(x, c)` together with `k * c * quotient(x, c)` and puts `k * x` in their place. */
function rejoin(sum: Affine): void {
  for (let again = true; again;) {
    again = false;
    for (const [atom, k] of sum.terms) {
      if (atom.op !== "rem") continue;
      const [x, divisor] = [atom.args[0], atom.args[1].value];
      const quotient = affineOf(indexDiv(x, divisor));
      const matches = [...quotient.terms].every(([a, n]) => sum.terms.get(a) === n * k * divisor);
      if (!matches || quotient.terms.size === 0) continue;
      sum.terms.delete(atom);
      addScaled(sum, indexDiv(x, divisor), -k * divisor);
      addScaled(sum, x, k);
      again = true;
      break;
    }
  }
}

function fromAffine(sum: Affine): Expr {
  rejoin(sum);
  const entries = [...sum.terms].sort(([a], [b]) => a.id - b.id);
  if (entries.length === 0) return i32(sum.constant);
  if (entries.length === 1 && entries[0][1] === 1 && sum.constant === 0) return entries[0][0];
  let [low, high] = [sum.constant, sum.constant];
  for (const [atom, c] of entries) {
    low += c * (c > 0 ? atom.low : atom.high);
    high += c * (c > 0 ? atom.high : atom.low);
  }
  return intern("affine", "i32", entries.map(([a]) => a), {
    value: sum.constant,
    coefficients: entries.map(([, c]) => c),
    range: [low, high],
  });
}

/** `constant + sum(factor * index)` over the pairs given. */
export function indexSum(pairs: readonly (readonly [Expr, number])[], constant = 0): Expr {
  const sum: Affine = { constant, terms: new Map() };
  for (const [e, factor] of pairs) addScaled(sum, e, factor);
  return fromAffine(sum);
}

/** a + b */
export const indexAdd = (a: Expr, b: Expr | number): Expr =>
  typeof b === "number" ? indexSum([[a, 1]], b) : indexSum([[a, 1], [b, 1]]);
/** a - b */
export const indexSub = (a: Expr, b: Expr | number): Expr =>
  typeof b === "number" ? indexSum([[a, 1]], -b) : indexSum([[a, 1], [b, -1]]);
/** a * factor */
export const indexMul = (a: Expr, factor: number): Expr => indexSum([[a, factor]]);

const greatestCommonDivisor = (a: number, b: number): number => b === 0 ? a : greatestCommonDivisor(b, a % b);
const floorMod = (a: number, b: number): number => ((a % b) + b) % b;

/** Splits `e` into `quotient * divisor + rest`, the quotient as far as it can be had without a division. */
function takeApart(e: Expr, divisor: number): { quotient: Affine; rest: Expr } {
  const { constant, terms } = affineOf(e);
  const quotient: Affine = { constant: 0, terms: new Map() };
  const rest: Affine = { constant: floorMod(constant, divisor), terms: new Map() };
  quotient.constant = (constant - rest.constant) / divisor;
  for (const [atom, c] of terms) {
    const r = c > 0 ? c % divisor : -(-c % divisor);
    if (r !== 0) rest.terms.set(atom, r);
    if (c - r !== 0) quotient.terms.set(atom, (c - r) / divisor);
  }
  let restExpr = fromAffine(rest);
  if (restExpr.low < 0) {
    const shift = Math.ceil(-restExpr.low / divisor);
    quotient.constant -= shift;
    restExpr = indexAdd(restExpr, shift * divisor);
  }
  return { quotient, rest: restExpr };
}

/**
 * Removes a common factor from both sides of a division: `rest` is `factor * x + odd` with `odd` in [0, factor), so that
 * floor(rest / divisor) is floor(x / (divisor / factor)).
 */
function reduceFactor(rest: Expr, divisor: number): { x: Expr; divisor: number; factor: number; odd: Expr } {
  const { constant, terms } = affineOf(rest);
  const factors = new Set([...terms.values()].map((c) => greatestCommonDivisor(Math.abs(c), divisor)));
  for (const factor of [...factors].sort((a, b) => b - a)) {
    if (factor === 1) break;
    const parts = [...terms];
    const odd = indexSum(parts.filter(([, c]) => c % factor !== 0), floorMod(constant, factor));
    if (odd.low < 0 || odd.high >= factor) continue;
    const even = parts.filter(([, c]) => c % factor === 0).map(([a, c]) => [a, c / factor] as const);
    const x = indexSum(even, (constant - floorMod(constant, factor)) / factor);
    return { x, divisor: divisor / factor, factor, odd };
  }
  return { x: rest, divisor, factor: 1, odd: i32(0) };
}

/** floor(e / divisor) for a positive constant divisor. */
export function indexDiv(e: Expr, divisor: number): Expr {
  if (divisor === 1) return e;
  // Only where there are no elements at all.
  if (divisor === 0) return i32(0);
  const { quotient, rest } = takeApart(e, divisor);
  if (rest.high >= divisor) {
    const small = reduceFactor(rest, divisor);
    // floor(floor(x / a) / b) is floor(x / (a b))
    const inner = small.x.op === "div" ? small.x : undefined;
    const [x, by] = inner ? [inner.args[0], inner.args[1].value * small.divisor] : [small.x, small.divisor];
    const atom = small.divisor === 1 ? small.x : inner && by !== small.divisor ? indexDiv(x, by) : intern(
      "div",
      "i32",
      [x, i32(by)],
      { range: [Math.floor(x.low / by), Math.floor(x.high / by)] },
    );
    addScaled(quotient, atom, 1);
  }
  return fromAffine(quotient);
}

/** e - divisor * floor(e / divisor), in [0, divisor), for a positive constant divisor. */
export function indexRem(e: Expr, divisor: number): Expr {
  if (divisor === 1 || divisor === 0) return i32(0);
  const { rest } = takeApart(e, divisor);
  if (rest.high < divisor) return rest;
  const small = reduceFactor(rest, divisor);
  if (small.divisor === 1) return small.odd;
  const atom = small.factor > 1
    ? indexRem(small.x, small.divisor)
    : intern("rem", "i32", [small.x, i32(small.divisor)], {
      range: [0, Math.min(divisor - 1, small.x.high)],
    });
  return indexSum([[atom, small.factor], [small.odd, 1]]);
}

/** The position in row-major order of a multi-index. */
export function flatten(index: readonly Expr[], shape: readonly number[]): Expr {
  let stride = 1;
  const pairs: [Expr, number][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    pairs.push([index[axis], stride]);
    stride *= shape[axis];
  }
  return indexSum(pairs);
}

/** The multi-index of a position in row-major order. */
export function unflatten(flat: Expr, shape: readonly number[]): Expr[] {
  const index: Expr[] = new Array(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The outermost axis with size above one needs no remainder: the position is in range.
    const outer = shape.slice(0, axis).every((size) => size === 1);
    const quotient = indexDiv(flat, stride);
    index[axis] = shape[axis] === 1 ? i32(0) : outer ? quotient : indexRem(quotient, shape[axis]);
    stride *= shape[axis];
  }
  return index;
}

/** Whether `0 <= e < size`; one comparison, as negative numbers are large ones when unsigned. */
export function inRange(e: Expr, size: number): Expr {
  if (size === 0) return bool(false);
  if (e.low >= 0) return lt(e, i32(size));
  if (e.high < size) return le(i32(0), e);
  return lt(toU32(e), u32(size));
}

/** Whether every part of a multi-index is in range. */
export function allInRange(index: readonly Expr[], shape: readonly number[]): Expr {
  return index.reduce((all, e, axis) => and(all, inRange(e, shape[axis])), bool(true));
}

/** The expression with some of its parts replaced; `replace` answers for the parts it knows. */
export function rewrite(
  expr: Expr,
  replace: (e: Expr) => Expr | undefined,
  memo: Map<Expr, Expr> = new Map(),
): Expr {
  const known = memo.get(expr);
  if (known) return known;
  let result = replace(expr);
  if (!result) {
    const args = expr.args.map((a) => rewrite(a, replace, memo));
    if (args.every((a, i) => a === expr.args[i])) result = expr;
    else if (expr.op === "affine") {
      result = indexSum(args.map((a, i) => [a, expr.coefficients[i]]), expr.value);
    } else {
      const { op, type, value, low, high } = expr;
      result = intern(op, type, args, {
        value,
        source: expr.source as object | undefined,
        range: [low, high],
      });
    }
  }
  memo.set(expr, result);
  return result;
}
