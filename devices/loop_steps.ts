/** How indices move with loops. */
import { type Axis, axisValue, type Expr, i32, visit } from "../engine/expr.ts";
import { affineOf, rewrite } from "../engine/index_math.ts";

/** The rounds of loops that lie in each other. */
export const roundsOf = (loops: readonly { readonly size: number }[]): number =>
  loops.reduce((n, loop) => n * loop.size, 1);

/** Loops that expressions follow. */
export function axesIn(exprs: Iterable<Expr>): Set<Axis> {
  const found = new Set<Axis>();
  visit(exprs, (e) => {
    if (e.op === "axis") found.add(e.source as Axis);
  });
  return found;
}

/** Loops that an index follows otherwise than by a fixed step. */
export const unevenAxes = (indices: readonly Expr[]): Set<Axis> =>
  axesIn(indices.flatMap((e) => [...affineOf(e).terms.keys()].filter((atom) => atom.op !== "axis")));

/** By how many elements an index moves with a loop. */
export const stepOf = (flat: Expr, axis: Axis): number => affineOf(flat).terms.get(axisValue(axis)) ?? 0;

/** An index with some loops at their beginning. */
export const atStart = (e: Expr, axes: readonly Axis[]): Expr =>
  rewrite(e, (part) => part.op === "axis" && axes.includes(part.source as Axis) ? i32(0) : undefined);

/** Whether an index is a multiple of a number, wherever its loops are. */
export function isMultipleOf(number: number, index: Expr): boolean {
  const { terms, constant } = affineOf(index);
  return constant % number === 0 && [...terms.values()].every((c) => c % number === 0);
}
