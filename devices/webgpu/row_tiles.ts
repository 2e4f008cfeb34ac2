/**
 * How contractions are cut for adapters that are programs: a tile of rows and columns for each lane, without anything
 * shared between lanes.
 */
import type { Axis } from "../../engine/expr.ts";
import { affineOf } from "../../engine/index_math.ts";
import type { Kernel } from "../../engine/kernel.ts";
import {
  type ContractionPlan,
  type CutOptions,
  planContraction,
  rowAt,
  Scratch,
  type TileRow,
} from "../contraction_plan.ts";
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

/** What both sides are read from: the left one from storage, but where it says textures. */
export type RowWay = "textures" | "uniform" | "texture" | "storage";

/** Tiles by what the sides are read from. */
const TILE: Record<RowWay, TileShape> = {
  textures: { sums: 32, rows: 8, vectors: 4, copiesFrom: { any: 16 } },
  uniform: { sums: 32, rows: 16, vectors: 8, copiesFrom: { strided: 16 } },
  texture: { sums: 64, rows: 16, vectors: 8, copiesFrom: { any: 16 } },
  storage: { sums: 64, rows: 16, vectors: 4, copiesFrom: undefined },
};
/** The order in which they are tried. */
const rowWaysInOrder = Object.keys(TILE) as RowWay[];

/** Kernels with fewer products have tiles with at most so many sums. */
const SMALL_WORK = 1 << 22;
const SMALL_SUMS = 8;
/** A left side is copied where each of its elements is read at least so many times. */
const READS_WORTH_A_COPY = 8;
/** A larger copy stays in storage: textures end at some 512 MB, which copies of one program share. */
const MOST_TEXTURE_BYTES = 1 << 27;
/** Fewer workgroups would leave processors idle. */
const FEWEST_GROUPS = 4;

/** One row of a tile, with what it adds to each guard. */
export interface Row extends TileRow {
  readonly guardOffsets: readonly number[];
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
  readonly way: RowWay;
  /** Whether a texel of the left side is four terms of a row, or one term of four rows. */
  readonly texels: "terms" | "rows" | undefined;
  /** Through what the right side is read, if it is uniform. */
  readonly windows: readonly SumWindow[];
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** Tells what can be bound as uniform memory. */
type IsUniform = (source: unknown) => boolean;

/** The names of the ways to cut a kernel, the one that is taken without a name first. */
export function rowWays(kernel: Kernel, isUniform: IsUniform): RowWay[] {
  return rowWaysInOrder.filter((way) => cutFor(kernel, isUniform, way));
}

/** Cuts a kernel; `undefined` where plain loops serve better. */
export function rowTiles(kernel: Kernel, isUniform: IsUniform, way?: string): RowTiles | undefined {
  for (const each of [...rowWaysInOrder.filter((w) => w === way), ...rowWaysInOrder]) {
    const tiles = cutFor(kernel, isUniform, each);
    if (tiles) return tiles;
  }
  return undefined;
}

function cutFor(kernel: Kernel, isUniform: IsUniform, way: RowWay): RowTiles | undefined {
  const shape = shapeFor(kernel, way);
  const { copiesFrom } = shape;
  const copiesLeft = way === "textures";
  const plan = planContraction(kernel, { maxRows: shape.rows, copiesFrom, copiesLeft });
  if (!plan) return undefined;
  if (way === "storage") return cut(plan, way, shape, []);
  if (way === "uniform") {
    const windows = isUniform(plan.right.source) ? windowsOf(plan) : undefined;
    return windows && cut(plan, way, shape, windows);
  }
  if (!(plan.right.source instanceof Scratch)) return undefined;
  if (plan.scratches.some((scratch) => scratch.bytes > MOST_TEXTURE_BYTES)) return undefined;
  const tiles = cut(plan, way, shape, []);
  if (way === "texture") return tiles;
  const reads = plan.rows * plan.terms * tiles.blocks / ((plan.left.source as Scratch).bytes / 4);
  const texels = texelsOf(tiles);
  return texels && reads >= READS_WORTH_A_COPY ? { ...tiles, texels } : undefined;
}

/** What four neighbours of the left side that start at a multiple of four are. */
function texelsOf({ plan: { copies, left, sum, tiled }, rows, count }: RowTiles): RowTiles["texels"] {
  const copy = copies.find((c) => c.stores[0].target === left.source);
  if (!copy || copy.space.at(-1)!.size % 4 !== 0) return undefined;
  const { terms, constant } = affineOf(left.start);
  const isEven = constant % 4 === 0 &&
    [...terms].every(([atom, c]) => c * (atom.op === "axis" && atom.source === tiled ? count : 1) % 4 === 0);
  const last = sum.at(-1);
  if (!isEven || !last || sum.slice(0, -1).some((loop) => loop.step % 4 !== 0)) return undefined;
  if (last.step === 1 && last.size % 4 === 0 && rows.every((row) => row.offset % 4 === 0)) return "terms";
  const areFour = rows.length % 4 === 0 &&
    rows.every((row, r) => rows[r - r % 4].offset % 4 === 0 && row.offset === rows[r - r % 4].offset + r % 4);
  return areFour && last.step % 4 === 0 ? "rows" : undefined;
}

/** The shape of tiles for a kernel; a small kernel gets small ones, as they take long to compile. */
function shapeFor({ space, over, contraction }: Kernel, way: RowWay): TileShape {
  const shape = TILE[way];
  const work = product([...space, ...over, ...contraction?.over ?? []].map((a) => a.size));
  const sums = work < SMALL_WORK ? Math.min(SMALL_SUMS, shape.sums) : shape.sums;
  const vectors = Math.min(Math.ceil((space.at(-1)?.size ?? 1) / 4), shape.vectors, sums);
  return { ...shape, vectors, rows: Math.min(shape.rows, Math.floor(sums / vectors)) };
}

function cut(
  plan: ContractionPlan,
  way: RowWay,
  { vectors, rows: mostRows }: TileShape,
  windows: readonly SumWindow[],
): RowTiles {
  const wanted = Math.ceil(plan.lane.size / 4);
  // Lanes beside each other load the same rows; where columns are dear to load, too, they share the work.
  let across = 1;
  while (way === "storage" && across < LANES && across * vectors < wanted) across *= 2;
  const tiled = plan.tiled ?? { name: "tile", size: 1 };
  const inside = product(plan.inTile.map((t) => t.axis.size));
  const outer = product(plan.outer.map((a) => a.size));
  const blocks = Math.ceil(plan.lane.size / (across * 4 * vectors));
  const groupsOf = (along: number) => Math.ceil(outer * along * across / LANES) * blocks;
  // A loop that is only a little too long stays whole.
  const most = Math.max(1, Math.floor(mostRows / inside));
  let along = tiled.size <= 1.5 * most ? 1 : Math.ceil(tiled.size / most);
  while (along < tiled.size && groupsOf(along) < FEWEST_GROUPS) along = Math.min(tiled.size, 2 * along);
  const count = Math.ceil(tiled.size / along);
  along = Math.ceil(tiled.size / count);
  const rows = rowsOf(plan, count);
  return {
    plan,
    tiled,
    rows,
    count,
    along,
    tiles: outer * along,
    vectors,
    across,
    blocks,
    way,
    texels: undefined,
    windows,
  };
}

function rowsOf(plan: ContractionPlan, count: number): Row[] {
  const inside = product(plan.inTile.map((t) => t.axis.size));
  return Array.from({ length: count * inside }, (_, number) => {
    const row = rowAt(plan, number);
    const guardOffsets = plan.guards.map((g) =>
      row.inTile.reduce((sum, p, i) => sum + p * g.inTileSteps[i], row.tiled * g.tiledStep)
    );
    return { ...row, guardOffsets };
  });
}
