/** How indices move with loops. */
import { type Axis, axisValue, type Expr, i32, visit } from "../../engine/expression/expr.ts";
import { affineOf, rewrite } from "../../engine/expression/index_math.ts";

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

/** How many loads in expressions follow a loop otherwise than from an element to the next. */
export function unevenLoads(roots: readonly Expr[], lane: Axis): number {
  let uneven = 0;
  const depends = new Map<Expr, boolean>();
  const dependsOn = (e: Expr): boolean => {
    const known = depends.get(e);
    if (known !== undefined) return known;
    const result = e.op === "axis" ? e.source === lane : e.args.some(dependsOn);
    depends.set(e, result);
    return result;
  };
  visit(roots, (e) => {
    if (e.op !== "load") return;
    const { terms } = affineOf(e.args[0]);
    for (const [atom, c] of terms) {
      const isLane = atom.op === "axis" && atom.source === lane;
      if (isLane ? c !== 1 : dependsOn(atom)) {
        uneven++;
        break;
      }
    }
  });
  return uneven;
}
