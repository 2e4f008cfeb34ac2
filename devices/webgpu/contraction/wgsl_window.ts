/** Pooling behind a contraction: the sums of a window's elements are joined where they are. */
import { combineRule, partValue } from "../../../engine/expression/combine.ts";
import { accumulatorValue, dotValue, type Expr, i32 } from "../../../engine/expression/expr.ts";
import type { ContractionPlan } from "../../contraction/contraction_plan.ts";
import type { WgslEmitter } from "../codegen/wgsl_expr.ts";

/**
 * Computes accumulators, for four columns: `sums` are the names of the window's sums, in the order of its loops, and
 * `valueAt` gives what an accumulator takes in at one of them.
 */
export function reduceWindow(
  e: WgslEmitter,
  accumulators: ContractionPlan["accumulators"],
  sums: readonly string[],
  valueAt: (value: Expr, element: number) => Expr,
): void {
  accumulators.forEach(({ combine, value }, a) => {
    const rule = combineRule(combine, value.type);
    const leaves = rule.start.map((s, p) => partValue(a, p, s.type));
    let parts = rule.start.map((s) => e.vector(s));
    sums.forEach((sum, element) =>
      e.scope(() => {
        e.bindValue(dotValue(), sum, true);
        leaves.forEach((leaf, p) => e.bindValue(leaf, parts[p], true));
        parts = rule.step(leaves, valueAt(value, element), i32(element)).map((expr) => e.vector(expr));
      })
    );
    leaves.forEach((leaf, p) => e.bindValue(leaf, parts[p], true));
    const finished = rule.finish(leaves);
    e.bindValue(accumulatorValue(a, finished.type), e.vector(finished), true);
  });
}
