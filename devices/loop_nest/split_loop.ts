/** One loop as two: an outer one, and an inner one of so many rounds. */
import { type Axis, axisValue, type Expr } from "../../engine/expression/expr.ts";
import { indexDiv, indexRem, indexSum, rewrite } from "../../engine/expression/index_math.ts";

/** The two loops that stand for one, and how expressions over that one are written over them. */
export interface SplitLoop {
  readonly outer: Axis;
  readonly inner: Axis;
  over(e: Expr): Expr;
}

/** Cuts a loop, whose rounds have to be a multiple of those of the inner one. */
export function splitLoop(axis: Axis, rounds: number): SplitLoop {
  const outer: Axis = { name: `${axis.name}o`, size: axis.size / rounds };
  const inner: Axis = { name: `${axis.name}i`, size: rounds };
  const place = indexSum([[axisValue(outer), rounds], [axisValue(inner), 1]]);
  const memo = new Map<Expr, Expr>();
  const replace = (e: Expr): Expr | undefined => {
    if (e.op === "axis") return e.source === axis ? place : undefined;
    // Quotients and remainders of the loop are what it is cut for: they are taken apart again.
    if (e.type !== "i32" || e.op !== "div" && e.op !== "rem" || e.args[1].op !== "const") return undefined;
    const [whole, by] = e.args;
    if (whole.low < 0 || by.value <= 0) return undefined;
    return (e.op === "div" ? indexDiv : indexRem)(rewrite(whole, replace, memo), by.value);
  };
  return { outer, inner, over: (e) => rewrite(e, replace, memo) };
}

/** Loops in which some are replaced by the two that stand for them. */
export const withSplit = (axes: readonly Axis[], axis: Axis, { outer, inner }: SplitLoop): Axis[] =>
  axes.flatMap((a) => a === axis ? [outer, inner].filter(({ size }) => size !== 1) : [a]);
