/**
 * Rounds of a sum that are left out, since the left side is zero there: an image has no elements outside of it.
 *
 * Where the rows of a tile are images, they are all left in the same rounds; then no zeros are needed around them. Else
 * the left side is a copy with zeros around it, and as many rounds are left out as would only add these.
 */
import { type Axis, type Expr, i32, max, min } from "../../engine/expression/expr.ts";
import { affineOf, indexAdd, indexSub } from "../../engine/expression/index_math.ts";
import type { ContractionOperand } from "../../engine/kernel.ts";
import { atStart, axesIn, stepOf } from "../loop_nest/loop_steps.ts";

/** The rounds of a sum loop outside of which the left side is zero, for all rows of a tile. */
export interface Clip {
  readonly from: Expr;
  readonly to: Expr;
}

/** An axis of a side that a loop of the sum moves along, and leaves. */
export interface Edge {
  readonly loop: Axis;
  /** Where the side is on this axis when the loop begins. */
  readonly start: Expr;
  readonly size: number;
  readonly step: 1 | -1;
}

/** The axes of a side that places may be outside of. */
const leftAxes = ({ index, shape }: ContractionOperand): number[] =>
  index.flatMap((place, d) => place.low < 0 || place.high >= shape[d] ? [d] : []);

/**
 * The axes that a side leaves along a loop of the sum, if no other such loop moves along them. Not along the innermost
 * loop: its rounds are written out.
 */
export function edgesOf(side: ContractionOperand, sumAxes: readonly Axis[]): Edge[] {
  return leftAxes(side).flatMap((d) => {
    const place = side.index[d];
    const along = axesIn([place]);
    const [loop, ...others] = sumAxes.filter((a) => along.has(a));
    if (!loop || others.length > 0 || loop === sumAxes.at(-1)) return [];
    const step = stepOf(place, loop);
    if (step !== 1 && step !== -1) return [];
    return [{ loop, start: atStart(place, [loop]), size: side.shape[d], step } as const];
  });
}

/** Whether places outside of a side are all beyond these edges, each of which is along a loop of its own. */
export function areAllEdges(side: ContractionOperand, edges: readonly Edge[]): boolean {
  const { length } = leftAxes(side);
  return edges.length === length && new Set(edges.map((e) => e.loop)).size === length;
}

/** Whether there are places within each axis of a side. */
export const isEntered = ({ index, shape }: ContractionOperand): boolean =>
  index.every((place, d) => Math.max(place.low, 0) <= Math.min(place.high, shape[d] - 1));

/** Longer axes have next to nothing around them. */
const LONGEST = 4096;

/** The share of rounds, over all loops, in which a side is inside of an edge; 1 where that is not plain to see. */
export function shareInside({ loop, start, size, step }: Edge): number {
  if (size > LONGEST) return 1;
  const { constant, terms } = affineOf(start);
  let places = Array.from({ length: loop.size }, (_, round) => constant + step * round);
  for (const [atom, move] of terms) {
    if (atom.op !== "axis") return 1;
    places = places.flatMap((p) => Array.from({ length: atom.high + 1 }, (_, round) => p + move * round));
  }
  return places.filter((place) => place >= 0 && place < size).length / places.length;
}

/** The rounds in which a side is inside of an edge; `undefined` where loops that lie in a tile make a difference to it. */
export function clipOf({ loop, start, size, step }: Edge, inTile: readonly Axis[]): Clip | undefined {
  const followed = axesIn([start]);
  if (inTile.some((a) => followed.has(a))) return undefined;
  const [from, to] = step > 0
    ? [indexSub(i32(0), start), indexSub(i32(size), start)]
    : [indexAdd(start, 1 - size), indexAdd(start, 1)];
  return { from: max(from, i32(0)), to: min(to, i32(loop.size)) };
}
