/** Pooling behind a contraction: the sums of a window's elements are joined where they are. */
import { type Expr, i32 } from "../../../engine/expression/expr.ts";
import type { ContractionPlan } from "../../contraction/contraction_plan.ts";
import { reductionOf } from "../../loop_nest/reduction.ts";
import type { WgslEmitter } from "../codegen/wgsl_expr.ts";

/**
 * Computes accumulators, for four columns: `sums` are the names of the window's sums, in the order of its loops, and
 * `valueAt` gives what an accumulator takes in at one of them.
 */
export function reduceWindow(
  e: WgslEmitter,
  { accumulators, total }: ContractionPlan,
  sums: readonly string[],
  valueAt: (value: Expr, element: number) => Expr,
): void {
  accumulators.map(reductionOf).forEach(({ rule, value, parts: leaves, result }) => {
    let parts = rule.start.map((s) => e.vector(s));
    sums.forEach((sum, element) =>
      e.scope(() => {
        e.bindValue(total, sum, true);
        leaves.forEach((leaf, p) => e.bindValue(leaf, parts[p], true));
        parts = rule.step(leaves, valueAt(value, element), i32(element)).map((expr) => e.vector(expr));
      })
    );
    leaves.forEach((leaf, p) => e.bindValue(leaf, parts[p], true));
    const finished = rule.finish(leaves);
    e.bindValue(result, e.vector(finished), true);
  });
}
