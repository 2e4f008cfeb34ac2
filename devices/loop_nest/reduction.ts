/** Reductions as both devices write them: what they take in, and what stands for their running parts and their result. */
import { type ReduceRule, reduceRule } from "../../engine/expression/reduce_op.ts";
import { type Expr, placeholder } from "../../engine/expression/expr.ts";
import type { LoopAccumulator } from "./loop_kernel.ts";

/** A reduction. */
export interface Reduction {
  readonly rule: ReduceRule;
  /** What it takes in, in each round. */
  readonly value: Expr;
  /** Placeholders for its running parts. */
  readonly parts: readonly Expr[];
  /** The placeholder for what it ends in. */
  readonly result: Expr;
}

/** The reduction that an accumulator is. */
export function reductionOf({ reduceOp, value, result }: LoopAccumulator): Reduction {
  const rule = reduceRule(reduceOp, value.type);
  return { rule, value, parts: rule.start.map((start) => placeholder(start.type)), result };
}
