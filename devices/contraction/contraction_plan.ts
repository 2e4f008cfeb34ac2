/**
 * How a contraction is cut up: which loops are rows, which run over lanes, how both sides move with rows and sum. Both
 * devices compute tiles of some rows times neighbouring columns.
 */
import type { Axis, Expr } from "../../engine/expression/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import { areAllEdges, type Clip, clipOf, type Edge, edgesOf, isEntered, shareInside } from "./clip.ts";
import {
  type Located,
  locateInside,
  locateLeft,
  locateRight,
  type Roles,
  rolesOf,
  type Side,
  type SideOptions,
  unevenLeft,
} from "./sides.ts";
import { BLOCK_ROWS, locateInBlocks, rowsInBlocks } from "./row_blocks.ts";
import { withLoopSplit } from "./split_loops.ts";
import type { LoopKernel } from "../loop_nest/loop_kernel.ts";
import { atStart, axesIn, roundsOf, stepOf, unevenAxes } from "../loop_nest/loop_steps.ts";
import { mergeAxes } from "../loop_nest/merge_axes.ts";
import type { Scratch } from "../scratch.ts";

/** Where less than this share of a sum's rounds is inside of the left side, images are worth being rows. */
const INSIDE_SHARE = 0.9;

/** What a device wants of the cut. */
export interface CutOptions extends SideOptions {
  /** Rows of a tile, at most. */
  readonly maxRows: number;
  /** From how many images on sums may go without padding, with images as rows; left out, they may not. */
  readonly leavesOutPaddingFrom?: number;
}

/** A loop of the sum, and how both sides move with it, in elements; and the guards. */
export interface SumLoop {
  readonly size: number;
  readonly step: number;
  readonly rightStep: number;
  readonly guardSteps: readonly number[];
  /** The rounds that are needed, if not all. */
  readonly clip?: Clip;
}

/** A condition on reading the left side: `0 <= index < size`, else it counts as zero. */
export interface Guard {
  /** At the start of a tile. */
  readonly start: Expr;
  readonly size: number;
  /** How it moves with the loops in a tile. */
  readonly inTileSteps: readonly number[];
}

/** The cut-up contraction. */
export interface ContractionPlan {
  /** Copies to make first, and the memory for them. */
  readonly copies: readonly LoopKernel[];
  readonly scratches: readonly Scratch[];
  readonly left: Side;
  readonly right: Side;
  /** By how many elements neighbouring columns of the right side are apart. */
  readonly laneStep: number;
  readonly guards: readonly Guard[];
  /** Loops outside of tiles. */
  readonly outer: readonly Axis[];
  /** The loop that is cut into tiles, if there is one. */
  readonly tiled: Axis | undefined;
  /** How the left side moves with it. */
  readonly tiledStep: number;
  /** Loops that lie inside of every tile, with the left side's moves. */
  readonly inTile: readonly { readonly axis: Axis; readonly step: number }[];
  /** The axis of the columns. */
  readonly lane: Axis;
  /** Loops of the sum, outermost first. */
  readonly sum: readonly SumLoop[];
  readonly terms: number;
  /** All rows, of all products where there are several. */
  readonly rows: number;
  /** Stores and accumulators, over these loops. */
  readonly stores: Kernel["stores"];
  readonly accumulators: Kernel["accumulators"];
  /** The placeholder for a finished sum. */
  readonly total: Expr;
}

/** Cuts up a kernel with a contraction; `undefined` where plain loops serve better. */
export function planContraction(kernel: Kernel, options: CutOptions): ContractionPlan | undefined {
  const roles = rolesOf(kernel);
  if (!roles) return undefined;
  const uneven = unevenLeft(roles);
  if (uneven) return planContraction(withLoopSplit(kernel, uneven.axis, uneven.rounds), options);
  const all = options.leavesOutPaddingFrom ? edgesOf(roles.left, roles.sumAxes) : [];
  const isInside = staysInside(roles, all, options);
  const blocked = isInside ? undefined : rowsInBlocks(roles, options);
  if (blocked && blocked.axis.size > BLOCK_ROWS) {
    return planContraction(withLoopSplit(kernel, blocked.axis, BLOCK_ROWS), options);
  }
  const left = isInside
    ? locateInside(roles, options)
    : blocked
    ? locateInBlocks(roles, blocked)
    : locateLeft(roles, options);
  if (!left) return undefined;
  // Within a copy only the outermost loop is worth keeping apart for it; behind guards each element has its own.
  const isBehindGuards = options.panel === undefined;
  const edges = isInside ? all : isBehindGuards ? [] : all.filter((e) => e.loop === roles.sumAxes[0]);
  const right = locateRight(roles, options);
  const loops = sumLoops(roles, left, right, edges);
  if (!loops) return undefined;
  const merged = mergeRows(kernel, roles, left, right, edges);
  const tile = tileLoops(roles, merged, options.maxRows, isInside);
  if (!tile) return undefined;
  const sum = clipLoops(loops, merged, tile, options.maxRows);
  // Without zeros around it, the left side may be read only where it has elements.
  if (isInside && sum.filter((loop) => loop.clip).length < edges.length) return undefined;
  const { outer, tiled, inTile } = tile;
  const inside = inTile.map((t) => t.axis);
  return {
    copies: [left.copy, right.copy].filter((c) => c !== undefined),
    scratches: [left.scratch, right.scratch].filter((s) => s !== undefined),
    left: { source: left.source, start: atStart(merged.leftStart, inside), through: left.through },
    right: { source: right.source, start: merged.rightStart, through: right.through },
    laneStep: stepOf(right.start, roles.lane),
    guards: merged.guardStarts.map((start, i) => ({
      start: atStart(start, inside),
      size: left.guards[i].size,
      inTileSteps: inside.map((axis) => stepOf(start, axis)),
    })),
    ...tile,
    lane: roles.lane,
    sum,
    terms: roles.terms,
    rows: roundsOf([...outer, ...inside, ...tiled ? [tiled] : []]),
    accumulators: merged.accumulators,
    stores: merged.stores,
    total: kernel.contraction!.sum,
  };
}

/**
 * Whether the tiles' rows are to be images, all of which the sum leaves in the same rounds: then these are left out, and no
 * zeros around the images are needed. It takes as many images as are wanted, and is only worth it if it saves some.
 */
function staysInside(
  { left, space, window, isRight }: Roles,
  edges: readonly Edge[],
  { leavesOutPaddingFrom = Infinity }: CutOptions,
): boolean {
  if (edges.length === 0 || window.length > 0 || !areAllEdges(left, edges) || !isEntered(left)) return false;
  const followed = axesIn(edges.map((e) => e.start));
  if (!space.some((a) => !isRight(a) && !followed.has(a) && a.size >= leavesOutPaddingFrom)) return false;
  return edges.reduce((share, edge) => share * shareInside(edge), 1) < INSIDE_SHARE;
}

/** The loops of the sum; `undefined` where places do not move evenly with them or with the window, which must be in tiles. */
function sumLoops(
  { sumAxes, window }: Roles,
  left: Located,
  right: Located,
  edges: readonly Edge[],
): UnclippedLoop[] | undefined {
  const uneven = unevenAxes([left.start, right.start, ...left.guards.map((g) => g.index)]);
  if ([...sumAxes, ...window].some((a) => uneven.has(a))) return undefined;
  return mergeSums(
    sumAxes.map((axis) => ({
      size: axis.size,
      step: stepOf(left.start, axis),
      rightStep: stepOf(right.start, axis),
      guardSteps: left.guards.map((g) => stepOf(g.index, axis)),
      edge: edges.findIndex((e) => e.loop === axis),
    })),
  );
}

/** A loop of the sum, and the number of the edge that it leaves the left side by, or -1. */
type UnclippedLoop = Omit<SumLoop, "clip"> & { readonly edge: number };

/** Sum loops through which both sides move as through one become one. */
function mergeSums(loops: readonly UnclippedLoop[]): UnclippedLoop[] {
  const result = [...loops];
  for (let i = result.length - 2; i >= 0; i--) {
    const [a, b] = [result[i], result[i + 1]];
    const isOne = a.edge < 0 && b.edge < 0 && a.step === b.step * b.size &&
      a.rightStep === b.rightStep * b.size &&
      a.guardSteps.every((step, g) => step === b.guardSteps[g] * b.size);
    if (isOne) result.splice(i, 2, { ...b, size: a.size * b.size });
  }
  return result;
}

/** The kernel over fewer, longer loops, and where sides and guards are at the beginning of sum and columns. */
interface MergedKernel extends Pick<ContractionPlan, "accumulators" | "stores"> {
  /** Loops over results, but for the columns. */
  readonly outer: readonly Axis[];
  readonly leftStart: Expr;
  readonly rightStart: Expr;
  readonly guardStarts: readonly Expr[];
  /** The left side's edges. */
  readonly edges: readonly Edge[];
}

/** Neighbouring loops that only the left side follows become one where that is possible. */
function mergeRows(
  kernel: Kernel,
  roles: Roles,
  left: Located,
  right: Located,
  edges: readonly Edge[],
): MergedKernel {
  const { space, sumAxes, lane, isRight } = roles;
  const groups: Axis[][] = [];
  for (const axis of space.slice(0, -1)) {
    const joins = groups.length > 0 && !isRight(axis) && !isRight(groups.at(-1)!.at(-1)!);
    if (joins) groups.at(-1)!.push(axis);
    else groups.push([axis]);
  }
  const starts = left.guards.map((g) => atStart(g.index, sumAxes));
  const merged = mergeAxes({
    groups,
    exprs: [
      atStart(left.start, sumAxes),
      atStart(right.start, [...sumAxes, lane]),
      ...edges.map((e) => e.start),
      ...starts,
      ...kernel.accumulators.map((a) => a.value),
      ...kernel.stores.flatMap((s) => [s.index, s.value]),
    ],
  });
  const [leftStart, rightStart, ...rest] = merged.exprs;
  const others = rest.slice(edges.length);
  const count = kernel.accumulators.length;
  const values = others.slice(starts.length);
  return {
    outer: merged.groups.flat(),
    leftStart,
    rightStart,
    guardStarts: others.slice(0, starts.length),
    edges: edges.map((edge, i) => ({ ...edge, start: rest[i] })),
    accumulators: kernel.accumulators.map((a, i) => ({ ...a, value: values[i] })),
    stores: kernel.stores.map((s, i) => ({
      ...s,
      index: values[count + 2 * i],
      value: values[count + 2 * i + 1],
    })),
  };
}

/** Which loops are in tiles, and which outside of them. */
type TileLoops = Pick<ContractionPlan, "outer" | "tiled" | "tiledStep" | "inTile">;

/**
 * Chooses the rows of a tile, which may have to stay inside of the left side's edges together; `undefined` where they are
 * too many, or would lie backwards.
 */
function tileLoops(
  { window, isRight }: Roles,
  merged: MergedKernel,
  maxRows: number,
  isInside: boolean,
): TileLoops | undefined {
  const { leftStart, rightStart, guardStarts } = merged;
  const outer = [...merged.outer];
  const inTile = window.map((axis) => ({ axis, step: stepOf(leftStart, axis) }));
  const inTileRows = () => roundsOf(inTile.map((t) => t.axis));
  if (inTileRows() > maxRows) return undefined;
  // Addresses have to move evenly with rows; loops that they follow otherwise stay outside.
  const outside = unevenAxes([leftStart, rightStart, ...guardStarts]);
  if (isInside) axesIn(merged.edges.map((e) => e.start)).forEach((a) => outside.add(a));
  /** Takes out the innermost loop that moves the left side evenly and not the right side, if it fits. */
  const takeRows = (fits: (axis: Axis) => boolean): Axis | undefined => {
    const at = outer.findLastIndex((a) => !isRight(a) && !outside.has(a));
    return at >= 0 && fits(outer[at]) ? outer.splice(at, 1)[0] : undefined;
  };
  if (merged.accumulators.length === 0) {
    // Short loops lie inside of the tile as a whole.
    for (;;) {
      const axis = takeRows((a) => inTileRows() * a.size <= maxRows);
      if (!axis) break;
      inTile.unshift({ axis, step: stepOf(leftStart, axis) });
    }
  }
  const tiled = takeRows(() => true);
  const tiledStep = tiled ? stepOf(leftStart, tiled) : 0;
  if (tiledStep < 0 || inTile.some((t) => t.step < 0)) return undefined;
  return { outer, tiled, tiledStep, inTile };
}

/** The loops of the sum with the rounds that are needed, where these are the same throughout a tile. */
function clipLoops(
  loops: readonly UnclippedLoop[],
  { edges }: MergedKernel,
  { tiled, inTile }: TileLoops,
  maxRows: number,
): SumLoop[] {
  const together = inTile.map((t) => t.axis);
  // A tile may have only one round of the tiled loop.
  if (tiled && 2 * roundsOf(together) <= maxRows) together.push(tiled);
  return loops.map(({ edge, ...loop }) => edge < 0 ? loop : { ...loop, clip: clipOf(edges[edge], together) });
}

/** Where a row of a tile is in the tiled loop and in those in the tile, and its elements from the tile's start. */
export interface TileRow {
  readonly tiled: number;
  readonly inTile: readonly number[];
  readonly offset: number;
}

/** The row with a number, the tiled loop being the outermost. */
export function rowAt({ inTile, tiledStep }: ContractionPlan, number: number): TileRow {
  const positions: number[] = [];
  for (const { axis } of [...inTile].reverse()) {
    positions.unshift(number % axis.size);
    number = Math.floor(number / axis.size);
  }
  const offset = positions.reduce((sum, p, i) => sum + p * inTile[i].step, number * tiledStep);
  return { tiled: number, inTile: positions, offset };
}
