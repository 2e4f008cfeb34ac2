/**
 * How contractions are cut for adapters that are programs: a tile of rows and columns for each lane, without anything
 * shared between lanes.
 */
import type { Axis } from "../../engine/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import { type ContractionPlan, type CutOptions, planContraction, Scratch } from "../contraction_plan.ts";
import { type SumWindow, windowsOf } from "./uniform_windows.ts";

/** Lanes of a workgroup: those of one vector of the processor. */
export const LANES = 8;
/** What a tile may have, and which right sides are copied for it. */
interface TileShape {
  readonly sums: number;
  readonly rows: number;
  readonly vectors: number;
  readonly copiesFrom: CutOptions["copiesFrom"];
}

/** What the right side is read from. */
type RightMemory = "uniform" | "texture" | "storage";

/** Tiles by what the right side is read from. */
const TILE: Record<RightMemory, TileShape> = {
  uniform: { sums: 32, rows: 16, vectors: 8, copiesFrom: { strided: 16 } },
  texture: { sums: 64, rows: 16, vectors: 8, copiesFrom: { strided: 16, any: 16 } },
  storage: { sums: 64, rows: 16, vectors: 4, copiesFrom: undefined },
};
/** Fewer workgroups would leave processors idle. */
const FEWEST_GROUPS = 4;

/** One row of a tile: elements of the left side from the tile's start, and where it is in the loops. */
export interface Row {
  readonly offset: number;
  readonly guardOffsets: readonly number[];
  readonly tiled: number;
  readonly inTile: readonly number[];
}

/** How a contraction is cut into tiles. */
export interface RowTiles {
  readonly plan: ContractionPlan;
  readonly tiled: Axis;
  readonly rows: readonly Row[];
  /** Rounds of the tiled loop in a tile. */
  readonly count: number;
  /** Tiles along the tiled loop. */
  readonly along: number;
  /** Tiles of rows, all together. */
  readonly tiles: number;
  /** Vectors of four columns that a lane has. */
  readonly vectors: number;
  /** Lanes side by side in the columns; the others lie along the tiles. */
  readonly across: number;
  /** Blocks of columns. */
  readonly blocks: number;
  /** What the right side is read from. */
  readonly right: RightMemory;
  /** Through what it is read, if it is uniform. */
  readonly windows: readonly SumWindow[];
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** Tells what can be bound as uniform memory. */
type IsUniform = (source: unknown) => boolean;

/** The names of the ways to cut a kernel, the one that is taken without a name first. */
export function rowWays(kernel: Kernel, isUniform: IsUniform): RightMemory[] {
  return memories.filter((right) => cutFor(kernel, isUniform, right));
}

/** Cuts a kernel; `undefined` where plain loops serve better. */
export function rowTiles(kernel: Kernel, isUniform: IsUniform, way?: string): RowTiles | undefined {
  const order = memories.filter((right) => right === way).concat(memories);
  for (const right of order) {
    const tiles = cutFor(kernel, isUniform, right);
    if (tiles) return tiles;
  }
  return undefined;
}

const memories: readonly RightMemory[] = ["uniform", "texture", "storage"];

function cutFor(kernel: Kernel, isUniform: IsUniform, right: RightMemory): RowTiles | undefined {
  const wanted = Math.ceil((kernel.space.at(-1)?.size ?? 1) / 4);
  const { copiesFrom } = TILE[right];
  const plan = planContraction(kernel, { maxRows: mostRows(TILE[right], wanted), copiesFrom });
  if (!plan) return undefined;
  if (right === "storage") return cut(plan, right, []);
  if (right === "texture") return plan.right.source instanceof Scratch ? cut(plan, right, []) : undefined;
  const windows = isUniform(plan.right.source) ? windowsOf(plan) : undefined;
  return windows && cut(plan, right, windows);
}

const mostRows = ({ sums, rows, vectors }: TileShape, wanted: number) =>
  Math.min(rows, Math.floor(sums / Math.min(wanted, vectors)));

function cut(plan: ContractionPlan, right: RightMemory, windows: readonly SumWindow[]): RowTiles {
  const wanted = Math.ceil(plan.lane.size / 4);
  const vectors = Math.min(wanted, TILE[right].vectors);
  // Lanes beside each other load the same rows; where columns are dear to load, too, they share the work.
  let across = 1;
  while (right === "storage" && across < LANES && across * vectors < wanted) across *= 2;
  const tiled = plan.tiled ?? { name: "tile", size: 1 };
  const inside = product(plan.inTile.map((t) => t.axis.size));
  const outer = product(plan.outer.map((a) => a.size));
  const blocks = Math.ceil(plan.lane.size / (across * 4 * vectors));
  const groupsOf = (along: number) => Math.ceil(outer * along * across / LANES) * blocks;
  // A loop that is only a little too long stays whole.
  const most = Math.max(1, Math.floor(mostRows(TILE[right], wanted) / inside));
  let along = tiled.size <= 1.5 * most ? 1 : Math.ceil(tiled.size / most);
  while (along < tiled.size && groupsOf(along) < FEWEST_GROUPS) along = Math.min(tiled.size, 2 * along);
  const count = Math.ceil(tiled.size / along);
  along = Math.ceil(tiled.size / count);
  const rows = rowsOf(plan, count);
  return { plan, tiled, rows, count, along, tiles: outer * along, vectors, across, blocks, right, windows };
}

function rowsOf({ inTile, tiledStep, guards }: ContractionPlan, count: number): Row[] {
  const sizes = inTile.map((t) => t.axis.size);
  return Array.from({ length: count * product(sizes) }, (_, number) => {
    const positions: number[] = [];
    let rest = number;
    for (let i = sizes.length - 1; i >= 0; i--) {
      positions.unshift(rest % sizes[i]);
      rest = Math.floor(rest / sizes[i]);
    }
    const along = (steps: readonly number[]) => positions.reduce((sum, p, i) => sum + p * steps[i], 0);
    return {
      offset: rest * tiledStep + along(inTile.map((t) => t.step)),
      guardOffsets: guards.map((g) => rest * g.tiledStep + along(g.inTileSteps)),
      tiled: rest,
      inTile: positions,
    };
  });
}
