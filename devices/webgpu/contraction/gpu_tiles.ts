/**
 * How contractions are cut for GPUs: a tile of rows and columns for each workgroup, and in it a small one for each
 * thread.
 *
 * Rows are all loops that only the left side follows, as one number. Sources of the shape:
 * https://siboehm.com/articles/22/CUDA-MMM and https://cnugteren.github.io/tutorial/pages/page1.html
 */
import type { Axis } from "../../../engine/expression/expr.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import { type ContractionPlan, planContraction, type SumLoop } from "../../contraction/contraction_plan.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import type { Target } from "../codegen/target.ts";
import type { TileShape } from "./tile_shape.ts";
import { type TileSide, tileSides } from "./tile_sides.ts";

/** Threads of a workgroup. */
export const tileThreads = ({ rows, columns, threadRows, threadColumns }: TileShape): number =>
  rows * columns / (threadRows * threadColumns);

/** For few rows. Its threads are others than those of plain loops, so that it is a dispatch of its own. */
const SMALL_SHAPE: TileShape = { rows: 32, columns: 32, depth: 32, threadRows: 4, threadColumns: 4 };

/** Shapes from large to small. */
const tileShapes: readonly TileShape[] = [
  { rows: 128, columns: 128, depth: 16, threadRows: 16, threadColumns: 8 },
  { rows: 128, columns: 64, depth: 16, threadRows: 8, threadColumns: 8 },
  { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 8, isTimedFirst: true },
  { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 4, isTimedFirst: true },
  { rows: 64, columns: 64, depth: 32, threadRows: 8, threadColumns: 4 },
  { rows: 128, columns: 32, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 64, columns: 32, depth: 16, threadRows: 8, threadColumns: 4, isTimedFirst: true },
  { rows: 128, columns: 16, depth: 16, threadRows: 4, threadColumns: 4 },
  { rows: 32, columns: 64, depth: 32, threadRows: 4, threadColumns: 4 },
  { rows: 64, columns: 32, depth: 32, threadRows: 4, threadColumns: 4 },
  SMALL_SHAPE,
];

const usualShapes = tileShapes.filter((s) => !s.isTimedFirst && s !== SMALL_SHAPE);

/** A sum of no more terms is one slice. */
const FEW_TERMS = 32;

/** With at least this many tiles a GPU has enough to do. */
export const ENOUGH_TILES = 256;

/** With fewer images, tiles whose rows they are have too little to do. */
const FEWEST_IMAGES = 64;

/** Cuts up a kernel with a contraction for tiles; `undefined` where plain loops serve better. */
export function planTiles(kernel: Kernel): ContractionPlan | undefined {
  const options = { maxRows: 8, readsThrough: true };
  let plan = planContraction(kernel, { ...options, leavesOutPaddingFrom: FEWEST_IMAGES });
  const isClipped = plan?.sum.some((loop) => loop.clip);
  if (plan && isClipped && !(hasWholeSlices(plan) && filledShapes(plan).length > 0)) {
    plan = planContraction(kernel, options);
  }
  return plan && fitsTiles(plan) ? plan : undefined;
}

/** Whether slices are long enough where none of them goes on into the next round of a loop that leaves out rounds. */
function hasWholeSlices({ sum }: ContractionPlan): boolean {
  const terms = roundsOf(sliced(sum));
  return terms <= FEW_TERMS || terms % 8 === 0;
}

/** The loops within those that leave out rounds: a slice is made of their terms. */
export const sliced = (sum: readonly SumLoop[]): readonly SumLoop[] =>
  sum.slice(sum.findLastIndex((loop) => loop.clip) + 1);

/** Shapes that do not waste columns. */
const fittingShapes = ({ lane }: ContractionPlan): TileShape[] =>
  usualShapes.filter((s) => s.columns > 16 ? lane.size > s.columns / 2 : lane.size <= 16);

/** Shapes that do not waste many rows, either. */
function filledShapes(plan: ContractionPlan): TileShape[] {
  const rows = rowsOf(plan);
  return fittingShapes(plan).filter((s) => Math.ceil(rows / s.rows) * s.rows <= 1.25 * rows);
}

/** The largest shape that gives enough tiles and does not waste columns, nor many rows if that can be helped. */
function chooseShape(plan: ContractionPlan): TileShape {
  const places = plan.rows * plan.lane.size;
  const { size: columns } = plan.lane;
  const tilesOf = (s: TileShape) => places / (s.rows * s.columns);
  if (rowsOf(plan) <= SMALL_SHAPE.rows && columns > 16 && tilesOf(SMALL_SHAPE) >= ENOUGH_TILES) {
    return SMALL_SHAPE;
  }
  const fitting = fittingShapes(plan);
  return [...filledShapes(plan), ...fitting].find((s) => tilesOf(s) >= ENOUGH_TILES) ?? fitting.at(-1)!;
}

/** The loops that the right side follows, too, or the rounds that a sum leaves out: one for a whole workgroup. */
function batchesOf({ right, sum, outer }: ContractionPlan): Axis[] {
  const clips = sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : []);
  const followed = axesIn([right.start, ...clips]);
  return outer.filter((a) => followed.has(a));
}

const rowsOf = (plan: ContractionPlan) => plan.rows / roundsOf(batchesOf(plan));

const nameOf = (shape: TileShape) => `${shape.rows}x${shape.columns}x${shape.depth} by ${tileThreads(shape)}`;

/** The names of the shapes that a contraction may be computed in: the one that is chosen without a name, then those like it. */
export function tileWays(plan: ContractionPlan): string[] {
  const usual = tileShapes.indexOf(chooseShape(plan));
  const distance = (shape: TileShape) => Math.abs(tileShapes.indexOf(shape) - usual);
  return tileShapes.filter((s, i) => i === usual || s.columns < 2 * Math.max(16, plan.lane.size))
    .sort((a, b) => distance(a) - distance(b)).map(nameOf);
}

/** Whether the window fits four of a thread's rows. */
const fitsTiles = (plan: ContractionPlan): boolean =>
  plan.accumulators.length === 0 || [1, 2, 4].includes(roundsOf(plan.inTile.map((t) => t.axis)));

/** How a contraction is cut into tiles. */
export interface GpuTiles {
  readonly plan: ContractionPlan;
  readonly shape: TileShape;
  /** Terms of a slice. */
  readonly depth: number;
  readonly left: TileSide;
  readonly right: TileSide;
  /** Loops that are one for a whole workgroup, as the right side follows them, or what the sum leaves out. */
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

/** Cuts a contraction that fits tiles, in the variant that is named; a slice of both sides has to fit into shared memory. */
export function gpuTiles(
  plan: ContractionPlan,
  { maxSharedBytes, maxSliceTerms, maxRounds }: Target,
  variant?: string,
): GpuTiles {
  const named = tileShapes.find((s) => nameOf(s) === variant);
  const shape = named ?? chooseShape(plan);
  const batches = batchesOf(plan);
  const inTile = plan.inTile.map((t) => t.axis);
  const rowAxes = [
    ...plan.outer.filter((a) => !batches.includes(a)),
    ...plan.tiled ? [plan.tiled] : [],
    ...inTile,
  ];
  const rows = roundsOf(rowAxes);
  const down = Math.ceil(rows / shape.rows);
  const across = Math.ceil(plan.lane.size / shape.columns);
  const { left, right } = tileSides(plan, rowAxes, shape);
  const takesQuarters = left.neighbours === "terms" || right.neighbours === "terms";
  const isLong = plan.terms / maxSliceTerms > maxRounds;
  const mostTerms = Math.min(
    maxSharedBytes / sharedBytes(shape, 1),
    named || isLong ? Infinity : maxSliceTerms,
  );
  return {
    plan,
    shape,
    depth: depthOf(plan.sum, shape.depth, mostTerms, takesQuarters ? 4 : 1),
    left,
    right,
    batches,
    rowAxes,
    inside: plan.accumulators.length > 0 ? roundsOf(inTile) : 1,
    rows,
    down,
    across,
    tiles: roundsOf(batches) * down * across,
  };
}

/** Bytes of a slice of both sides. */
export const sharedBytes = ({ rows, columns }: TileShape, depth: number): number =>
  4 * depth * (rows + columns);

/**
 * The terms of a slice, a multiple of `unit`: about as many as are wanted, preferably so that every slice has its terms at
 * the same places, seen from its first; always so where rounds are left out.
 */
function depthOf(all: readonly SumLoop[], wanted: number, most: number, unit: number): number {
  const sum = sliced(all);
  const whole = Math.ceil(roundsOf(sum) / unit) * unit;
  if (whole <= Math.min(most, Math.max(wanted, FEW_TERMS))) return whole;
  const usual = Math.min(wanted, Math.floor(most / unit) * unit);
  for (let depth = usual; depth >= (sum.length === all.length ? usual / 2 : unit); depth -= unit) {
    if (isRegular(sum, depth)) return depth;
  }
  return usual;
}

/** Whether the terms of every slice are at the same places, seen from its first: no loop goes on in the midst of a slice. */
export function isRegular(sum: readonly SumLoop[], depth: number): boolean {
  let inside = 1;
  for (const { size } of [...sum].reverse()) {
    if (depth % inside === 0 && size % (depth / inside) === 0) return true;
    inside *= size;
  }
  return depth >= inside;
}
