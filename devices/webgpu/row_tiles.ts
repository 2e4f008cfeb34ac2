/**
 * How contractions are cut for adapters that are programs: a tile of rows and columns for each lane, or one for the lanes of a
 * subgroup, without shared memory.
 */
import type { Axis } from "../../engine/expr.ts";
import { affineOf } from "../../engine/index_math.ts";
import type { Kernel } from "../../engine/kernel.ts";
import {
  type ContractionPlan,
  type CutOptions,
  planContraction,
  rowAt,
  type TileRow,
} from "../contraction_plan.ts";
import { roundsOf } from "../loop_steps.ts";
import { type PaddedKernel, padToFours } from "../pad_contraction.ts";
import { Scratch } from "../scratch.ts";
import { type SumWindow, windowsOf } from "./uniform_windows.ts";

/** Lanes of a workgroup: those of one vector of the processor. */
export const LANES = 8;

/** What a tile may have, for each lane or, in a subgroup, for all; and which right sides are copied for it. */
interface TileShape {
  readonly sums: number;
  readonly rows: number;
  readonly vectors: number;
  readonly copiesFrom: CutOptions["copiesFrom"];
}

/**
 * What both sides are read from: the left one from storage, but where it says textures. In a subgroup both are in textures,
 * and each lane loads another part of the left side, which it hands to the others.
 */
export type RowWay = "subgroup" | "textures" | "uniform" | "texture" | "storage";

/** Tiles by what the sides are read from. */
const TILE: Record<RowWay, TileShape> = {
  subgroup: { sums: 32, rows: 32, vectors: 1, copiesFrom: { any: 16 } },
  textures: { sums: 32, rows: 8, vectors: 4, copiesFrom: { any: 16 } },
  uniform: { sums: 32, rows: 16, vectors: 8, copiesFrom: { strided: 16 } },
  texture: { sums: 64, rows: 16, vectors: 8, copiesFrom: { any: 16 } },
  storage: { sums: 64, rows: 16, vectors: 4, copiesFrom: undefined },
};
/** The order in which they are tried. */
const rowWaysInOrder = Object.keys(TILE) as RowWay[];

/** Kernels with fewer products have tiles with at most so many sums, as large ones take long to compile. */
const SUMS_BY_WORK = [[1 << 26, 8], [1 << 28, 16]] as const;
/** A left side is copied where each of its elements is read at least so many times. */
const READS_WORTH_A_COPY = 2;
/** No copy may be larger: bindings of storage end there on every adapter, and copies of one program share a texture. */
const MOST_COPY_BYTES = 1 << 27;
/** Fewer workgroups would leave processors idle. */
const FEWEST_GROUPS = 4;

/** One row of a tile, with what it adds to each guard. */
export interface Row extends TileRow {
  readonly guardOffsets: readonly number[];
}

/** The texels of a left side that a round of the innermost loop reads. */
export interface LeftTexels {
  /** Terms of a round. */
  readonly terms: number;
  /** Where each begins, in elements from the start of the round. */
  readonly offsets: readonly number[];
  /** The texel that has a term of a row, by its number in `offsets`, and the place in it. */
  placeOf(row: number, term: number): readonly [texel: number, place: number];
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
  /** How the left side is read, if it is from a texture. */
  readonly texels: LeftTexels | undefined;
  /** A loop in the tile that is longer than it was. */
  readonly longer?: PaddedKernel["longer"];
  /** Through what the right side is read, if it is uniform. */
  readonly windows: readonly SumWindow[];
}

/** What a way may ask for. */
export interface RowSupport {
  /** Whether something can be bound as uniform memory. */
  isUniform(source: unknown): boolean;
  /** Whether the lanes of a workgroup are a subgroup. */
  readonly hasSubgroups: boolean;
}

/** The names of the ways to cut a kernel, the one that is taken without a name first. */
export function rowWays(kernel: Kernel, support: RowSupport): RowWay[] {
  return rowWaysInOrder.filter((way) => cutFor(kernel, support, way));
}

/** Cuts a kernel; `undefined` where plain loops serve better. */
export function rowTiles(kernel: Kernel, support: RowSupport, way?: string): RowTiles | undefined {
  for (const each of [...rowWaysInOrder.filter((w) => w === way), ...rowWaysInOrder]) {
    const tiles = cutFor(kernel, support, each);
    if (tiles) return tiles;
  }
  return undefined;
}

function cutFor(kernel: Kernel, support: RowSupport, way: RowWay): RowTiles | undefined {
  const shape = shapeFor(kernel, way);
  const { copiesFrom } = shape;
  if (way === "subgroup" && !support.hasSubgroups) return undefined;
  const copiesLeft = way === "subgroup" || way === "textures";
  const { kernel: padded, longer }: PaddedKernel = copiesLeft ? padToFours(kernel) : { kernel };
  const plan = planContraction(padded, {
    maxRows: shape.rows,
    copiesFrom,
    copiesLeft,
    leavesOutPaddingFrom: copiesLeft ? shape.rows : undefined,
  });
  if (!plan || longer && !plan.inTile.some((t) => t.axis === longer.axis)) return undefined;
  if (way === "subgroup" && !fillsLanes(plan.lane.size)) return undefined;
  if (plan.scratches.some((scratch) => scratch.bytes > MOST_COPY_BYTES)) return undefined;
  if (way === "storage") return cut(plan, way, shape, []);
  if (way === "uniform") {
    const windows = support.isUniform(plan.right.source) ? windowsOf(plan) : undefined;
    return windows && cut(plan, way, shape, windows);
  }
  if (!(plan.right.source instanceof Scratch)) return undefined;
  const tiles = { ...cut(plan, way, shape, []), longer };
  if (way === "texture") return tiles;
  const reads = plan.rows * plan.terms * tiles.blocks / ((plan.left.source as Scratch).bytes / 4);
  const texels = texelsOf(tiles);
  return texels && reads >= READS_WORTH_A_COPY ? { ...tiles, texels } : undefined;
}

/** Whether the columns fill at least half of the lanes that lie along them. */
function fillsLanes(columns: number): boolean {
  const block = 4 * LANES;
  return 2 * columns >= Math.ceil(columns / block) * block;
}

/** How the left side is read as texels: four terms of a row, or one term of four rows. */
function texelsOf(
  { plan: { copies, left, sum, tiled }, rows, count, way }: RowTiles,
): LeftTexels | undefined {
  const copy = copies.find((c) => c.stores[0].target === left.source);
  if (!copy || copy.space.at(-1)!.size % 4 !== 0) return undefined;
  const { terms, constant } = affineOf(left.start);
  const isEven = constant % 4 === 0 &&
    [...terms].every(([atom, c]) => c * (atom.op === "axis" && atom.source === tiled ? count : 1) % 4 === 0);
  const last = sum.at(-1);
  if (!isEven || !last || sum.slice(0, -1).some((loop) => loop.step % 4 !== 0)) return undefined;
  if (last.step === 1 && last.size % 4 === 0 && rows.every((row) => row.offset % 4 === 0)) {
    return { terms: 4, offsets: rows.map((row) => row.offset), placeOf: (row, term) => [row, term] };
  }
  const areFour = rows.length % 4 === 0 &&
    rows.every((row, r) => rows[r - r % 4].offset % 4 === 0 && row.offset === rows[r - r % 4].offset + r % 4);
  if (!areFour || last.step % 4 !== 0) return undefined;
  const firsts = rows.filter((_, r) => r % 4 === 0);
  // The lanes of a subgroup also share the terms of a round.
  const together = way === "subgroup" ? [4, 3, 2].find((n) => last.size % n === 0) ?? 1 : 1;
  return {
    terms: together,
    offsets: Array.from({ length: together }, (_, t) => firsts.map((row) => t * last.step + row.offset))
      .flat(),
    placeOf: (row, term) => [term * firsts.length + Math.floor(row / 4), row % 4],
  };
}

/** The shape of tiles for a kernel. */
function shapeFor({ space, over, contraction }: Kernel, way: RowWay): TileShape {
  const shape = TILE[way];
  const work = roundsOf([...space, ...over, ...contraction?.over ?? []]);
  const [, most = Infinity] = SUMS_BY_WORK.find(([limit]) => work < limit) ?? [];
  const sums = Math.min(most, shape.sums);
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
  let across = way === "subgroup" ? LANES : 1;
  while (way === "storage" && across < LANES && across * vectors < wanted) across *= 2;
  const tiled = plan.tiled ?? { name: "tile", size: 1 };
  const inside = roundsOf(plan.inTile.map((t) => t.axis));
  const outer = roundsOf(plan.outer);
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
  const inside = roundsOf(plan.inTile.map((t) => t.axis));
  return Array.from({ length: count * inside }, (_, number) => {
    const row = rowAt(plan, number);
    const guardOffsets = plan.guards.map((g) =>
      row.inTile.reduce((sum, p, i) => sum + p * g.inTileSteps[i], row.tiled * g.tiledStep)
    );
    return { ...row, guardOffsets };
  });
}
