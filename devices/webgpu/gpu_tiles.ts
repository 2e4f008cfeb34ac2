/**
 * How contractions are cut for GPUs: a tile of rows and columns for each workgroup, and in it a small one for each
 * thread.
 *
 * Rows are all loops that only the left side follows, as one number. Sources of the shape:
 * https://siboehm.com/articles/22/CUDA-MMM and https://cnugteren.github.io/tutorial/pages/page1.html
 */
import { type Axis, visit } from "../../engine/expr.ts";
import type { ContractionPlan, SumLoop } from "../contraction_plan.ts";
import { isMultipleOf, roundsOf } from "../loop_steps.ts";

/** The sizes of a tile: of a workgroup, of a slice, of a thread. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** Threads of a workgroup, for every shape. */
export const TILE_THREADS = 128;

/** Shapes from large to small: `rows * columns / (threadRows * threadColumns)` is always `TILE_THREADS`. */
const usualShapes: readonly TileShape[] = [
  { rows: 128, columns: 64, depth: 16, threadRows: 8, threadColumns: 8 },
  { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 64, columns: 32, depth: 16, threadRows: 4, threadColumns: 4 },
  { rows: 128, columns: 16, depth: 16, threadRows: 4, threadColumns: 4 },
];

/** Shapes that are taken only where they were found to be faster, too. */
const tileShapes: readonly TileShape[] = [
  ...usualShapes,
  { rows: 128, columns: 32, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 32, columns: 64, depth: 16, threadRows: 4, threadColumns: 4 },
];

/** With at least this many tiles a GPU has enough to do. */
const ENOUGH_TILES = 256;

/** The largest shape that gives enough tiles and does not waste columns. */
function chooseShape(plan: ContractionPlan): TileShape {
  const batches = plan.rows * plan.lane.size;
  const fits = usualShapes.filter((s) =>
    s.columns > 16 ? plan.lane.size > s.columns / 2 : plan.lane.size <= 16
  );
  const tilesOf = (s: TileShape) => batches / (s.rows * s.columns);
  return fits.find((s) => tilesOf(s) >= ENOUGH_TILES) ?? fits.at(-1)!;
}

const nameOf = (shape: TileShape) => `${shape.rows}x${shape.columns}`;

/** The names of the shapes that a contraction may be computed in, the one that is chosen without a name first. */
export function tileWays(plan: ContractionPlan): string[] {
  const usual = chooseShape(plan);
  const others = tileShapes.filter((s) => s !== usual && s.columns < 2 * Math.max(16, plan.lane.size));
  return [usual, ...others].map(nameOf);
}

/** Whether the window fits a thread's rows. */
export const fitsTiles = (plan: ContractionPlan): boolean =>
  plan.accumulators.length === 0 || [1, 2, 4].includes(roundsOf(plan.inTile.map((t) => t.axis)));

/** How a contraction is cut into tiles. */
export interface GpuTiles {
  readonly plan: ContractionPlan;
  readonly shape: TileShape;
  /** Loops that are one for a whole workgroup, as the right side follows them. */
  readonly batches: readonly Axis[];
  /** Loops that make up the rows, the window's last. */
  readonly rowAxes: readonly Axis[];
  /** Rows of one window; 1 without. */
  readonly inside: number;
  readonly rows: number;
  /** Tiles along the rows. */
  readonly down: number;
  /** Tiles along the columns. */
  readonly across: number;
  /** Tiles, all together. */
  readonly tiles: number;
}

/** Cuts a contraction that fits tiles. */
export function gpuTiles(plan: ContractionPlan, way?: string): GpuTiles {
  const shape = tileShapes.find((s) => nameOf(s) === way) ?? chooseShape(plan);
  const followed = new Set<unknown>();
  visit([plan.right.start], (e) => e.op === "axis" && followed.add(e.source));
  const batches = plan.outer.filter((a) => followed.has(a));
  const inTile = plan.inTile.map((t) => t.axis);
  const rowAxes = [
    ...plan.outer.filter((a) => !followed.has(a)),
    ...plan.tiled ? [plan.tiled] : [],
    ...inTile,
  ];
  const inside = plan.accumulators.length > 0 ? roundsOf(inTile) : 1;
  const rows = roundsOf(rowAxes);
  const down = Math.ceil(rows / shape.rows);
  const across = Math.ceil(plan.lane.size / shape.columns);
  const tiles = roundsOf(batches) * down * across;
  return { plan, shape, batches, rowAxes, inside, rows, down, across, tiles };
}

/** Whether four terms of the sum are neighbours on the left that start at a multiple of four. */
export function readsFourTerms({ left, sum, tiledStep, inTile }: ContractionPlan): boolean {
  return stepsOfFour(sum) && sum.at(-1)!.step === 1 && isMultipleOf(4, left.start) && tiledStep % 4 === 0 &&
    inTile.every((t) => t.step % 4 === 0) && sum.slice(0, -1).every((s) => s.step % 4 === 0);
}

/** Whether four terms of the sum always lie in one round of all loops but the innermost. */
export const stepsOfFour = (sum: readonly SumLoop[]): boolean => sum.length > 0 && sum.at(-1)!.size % 4 === 0;

/** Whether four columns of the right side are neighbours that start at a multiple of four. */
export const readsFourColumns = ({ right, sum, laneStep, lane }: ContractionPlan): boolean =>
  laneStep === 1 && lane.size % 4 === 0 && isMultipleOf(4, right.start) &&
  sum.every((s) => s.rightStep % 4 === 0);
