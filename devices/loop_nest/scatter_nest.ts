/** A sum that is scattered, as loops: for each point of `space`, through all rounds of `over` in their order. */
import type { Axis, Expr } from "../../engine/expression/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import { mergeAxes } from "./merge_axes.ts";

/** The loops, merged. */
export interface ScatterNest {
  readonly label: string;
  /** The loops of the result but for the one that rounds choose a place along. */
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  /** That loop. */
  readonly along: Axis;
  readonly target: unknown;
  /** Where in the target: of `space` and `along`. */
  readonly index: Expr;
  readonly place: Expr;
  readonly value: Expr;
}

/** The loops of a kernel, if it is such a sum. */
export function scatterNest({ label, scatter, space, over, stores }: Kernel): ScatterNest | undefined {
  if (!scatter || stores.length !== 1) return undefined;
  const [{ target, index }] = stores;
  const merged = mergeAxes({
    groups: [space.filter((axis) => axis !== scatter.axis), over],
    exprs: [index, scatter.place, scatter.value],
  });
  return {
    label,
    space: merged.groups[0],
    over: merged.groups[1],
    along: scatter.axis,
    target,
    index: merged.exprs[0],
    place: merged.exprs[1],
    value: merged.exprs[2],
  };
}
