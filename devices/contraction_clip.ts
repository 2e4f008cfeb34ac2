/** Rounds of a sum that are left out, since the left side is a copy with zeros around it and they would only add these. */
import { type Axis, type Expr, i32, max, min } from "../engine/expr.ts";
import { indexAdd, indexSub } from "../engine/index_math.ts";
import type { ContractionOperand } from "../engine/kernel.ts";
import { atStart, axesIn, stepOf } from "./loop_steps.ts";

/** The rounds of the outermost sum loop outside of which the left side is zero, for all rows of a tile. */
export interface Clip {
  readonly from: Expr;
  readonly to: Expr;
}

/** An axis of a side that the outermost sum loop moves along, and leaves. */
export interface Padded {
  readonly start: Expr;
  readonly size: number;
  readonly step: 1 | -1;
}

/** The axis along which the outermost sum loop leaves a side, if no other loop of the sum moves along it. */
export function paddedAlong(side: ContractionOperand, sumAxes: readonly Axis[]): Padded | undefined {
  const [outermost, ...others] = sumAxes;
  if (!outermost) return undefined;
  for (const [d, index] of side.index.entries()) {
    const isInside = index.low >= 0 && index.high < side.shape[d];
    const step = stepOf(index, outermost);
    if (isInside || others.some((a) => axesIn([index]).has(a)) || step !== 1 && step !== -1) continue;
    return { start: atStart(index, [outermost]), size: side.shape[d], step };
  }
  return undefined;
}

/**
 * The rounds in which `0 <= start + step * round < size`, of so many; `undefined` where these are not the same throughout
 * loops that lie in a tile.
 */
export function clipOf(
  { start, size, step }: Padded,
  rounds: number,
  inTile: readonly Axis[],
): Clip | undefined {
  const followed = axesIn([start]);
  if (inTile.some((a) => followed.has(a))) return undefined;
  const [from, to] = step > 0
    ? [indexSub(i32(0), start), indexSub(i32(size), start)]
    : [indexAdd(start, 1 - size), indexAdd(start, 1)];
  return { from: max(from, i32(0)), to: min(to, i32(rounds)) };
}
