/** How many instructions expressions take, and in which order they wait least for each other. */
import type { Expr } from "../../../engine/expression/expr.ts";
import { expandMath } from "../../arithmetic/math.ts";

/** Whether an expression is, or reads at, an index: these are computed where they are needed. */
export const isPlace = (e: Expr): boolean => e.op === "load" || e.op === "axis" || e.op === "affine";

/** How many instructions expressions take, about. */
export function instructionsOf(roots: readonly Expr[]): number {
  const seen = new Set<Expr>();
  const enter = (given: Expr) => {
    const e = expandMath(given);
    if (seen.has(e) || e.op === "const" || isPlace(e)) return;
    seen.add(e);
    e.args.forEach(enter);
  };
  roots.forEach(enter);
  return seen.size;
}

/**
 * The roots and all they are made of, those first that are farthest from a root: of several like roots, each part is then
 * followed by the same part of the next. `partsOf` gives what an expression is made of.
 */
export function farthestFirst(roots: readonly Expr[], partsOf: (e: Expr) => readonly Expr[]): Expr[] {
  const order: Expr[] = [];
  const distances = new Map<Expr, number>();
  const enter = (e: Expr) => {
    if (distances.has(e)) return;
    distances.set(e, 0);
    partsOf(e).forEach(enter);
    order.push(e);
  };
  roots.forEach(enter);
  for (const e of [...order].reverse()) {
    const distance = distances.get(e)! + 1;
    for (const part of partsOf(e)) distances.set(part, Math.max(distances.get(part)!, distance));
  }
  return order.sort((a, b) => distances.get(b)! - distances.get(a)!);
}
