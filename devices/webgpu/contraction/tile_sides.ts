/** The two sides of a tile, and which of their elements lie next to each other, so that four are loaded at once. */
import { type Axis, axisValue, type Expr } from "../../../engine/expression/expr.ts";
import { indexSum } from "../../../engine/expression/index_math.ts";
import type { ContractionPlan, SumLoop } from "../../contraction/contraction_plan.ts";
import type { Side } from "../../contraction/sides.ts";
import { isMultipleOf, stepOf, unevenAxes } from "../../loop_nest/loop_steps.ts";
import type { TileShape } from "./tile_shape.ts";

/** One side of a tile. Its places are the rows, or the columns. */
export interface TileSide {
  readonly side: Side;
  /** Places of a tile. */
  readonly places: number;
  /** Places of a thread. */
  readonly own: number;
  /** How far each loop of the sum moves the side. */
  readonly steps: readonly number[];
  /** What has to be in range for an element to count, and how far each loop of the sum moves it. */
  readonly guards: readonly { readonly size: number; readonly steps: readonly number[] }[];
  /** What four neighbours in memory are, the first of which is at a multiple of four: places of a term, or terms of a place. */
  readonly neighbours: "places" | "terms" | undefined;
}

/** Both sides of a contraction's tiles; the last of the rows' loops is the innermost. */
export function tileSides(
  plan: ContractionPlan,
  rowAxes: readonly Axis[],
  shape: TileShape,
): { left: TileSide; right: TileSide } {
  const { left, right, sum, guards, lane, laneStep } = plan;
  const leftSteps = sum.map((s) => s.step);
  const rightSteps = sum.map((s) => s.rightStep);
  const rightStart = indexSum([[right.start, 1], [axisValue(lane), laneStep]]);
  return {
    left: {
      side: left,
      places: shape.rows,
      own: shape.threadRows,
      steps: leftSteps,
      guards: guards.map((g, i) => ({ size: g.size, steps: sum.map((s) => s.guardSteps[i]) })),
      neighbours: neighbours(rowStart(plan), rowAxes.at(-1), rowGuards(plan), sum, leftSteps),
    },
    right: {
      side: right,
      places: shape.columns,
      own: shape.threadColumns,
      steps: rightSteps,
      guards: [],
      neighbours: neighbours(rightStart, lane, [], sum.map((s) => ({ ...s, guardSteps: [] })), rightSteps),
    },
  };
}

/** Where a row is on the left, at the beginning of the sum. */
export const rowStart = ({ left, inTile }: ContractionPlan): Expr =>
  indexSum([[left.start, 1], ...inTile.map((t) => [axisValue(t.axis), t.step] as const)]);

/** What has to be in range for a row, at the beginning of the sum. */
export const rowGuards = ({ guards, inTile }: ContractionPlan): Expr[] =>
  guards.map((g) =>
    indexSum([[g.start, 1], ...inTile.map((t, i) => [axisValue(t.axis), g.inTileSteps[i]] as const)])
  );

/** `start` is where a place is at the beginning of the sum, `axis` the innermost loop over places. */
function neighbours(
  start: Expr,
  axis: Axis | undefined,
  guards: readonly Expr[],
  sum: readonly SumLoop[],
  steps: readonly number[],
): TileSide["neighbours"] {
  const inner = sum.at(-1);
  const isEven = (step: number) => step % 4 === 0;
  if (inner && inner.size % 4 === 0 && steps.at(-1) === 1 && inner.guardSteps.every((step) => step === 0)) {
    if (steps.slice(0, -1).every(isEven) && isMultipleOf(4, start)) return "terms";
  }
  if (!axis || axis.size % 4 !== 0 || stepOf(start, axis) !== 1 || !steps.every(isEven)) return undefined;
  if (guards.some((g) => stepOf(g, axis) !== 0) || unevenAxes([start, ...guards]).has(axis)) return undefined;
  return isMultipleOf(4, indexSum([[start, 1], [axisValue(axis), -1]])) ? "places" : undefined;
}
