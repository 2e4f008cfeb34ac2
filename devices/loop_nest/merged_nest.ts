/** A kernel's loop nest with as few and as long loops as possible, as both devices begin to write it. */
import type { Axis } from "../../engine/expression/expr.ts";
import type { LoopKernel, LoopStore } from "./loop_kernel.ts";
import { mergeAxes } from "./merge_axes.ts";
import { type Reduction, reductionOf } from "./reduction.ts";

/** Stores for each element of a space, behind reductions, each of whose values may be a sum of products. */
export interface MergedNest {
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly dotOver: readonly Axis[];
  readonly stores: readonly LoopStore[];
  readonly reductions: readonly Reduction[];
  readonly dot: Reduction | undefined;
}

/** The nest of a kernel that goes through its loops once. */
export function mergedNest(kernel: LoopKernel): MergedNest {
  const { stores, accumulators, dot } = kernel;
  if (kernel.sweeps.length > 0) throw new Error(`Cannot go over rows several times in ${kernel.label}`);
  const { groups: [space, over, dotOver], exprs } = mergeAxes({
    groups: [kernel.space, kernel.over, dot?.over ?? []],
    exprs: [
      ...stores.flatMap((s) => [s.index, s.value]),
      ...accumulators.map((a) => a.value),
      ...dot ? [dot.product] : [],
    ],
  });
  const first = 2 * stores.length;
  return {
    space,
    over,
    dotOver,
    stores: stores.map((s, i) => ({ target: s.target, index: exprs[2 * i], value: exprs[2 * i + 1] })),
    reductions: accumulators.map((a, i) => reductionOf({ ...a, value: exprs[first + i] })),
    dot: dot && reductionOf({ reduceOp: "sum", value: exprs[first + accumulators.length], result: dot.sum }),
  };
}
