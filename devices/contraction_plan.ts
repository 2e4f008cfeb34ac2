/**
 * How a contraction is cut up: which loops are rows, which run over lanes, what has to be copied first. Both devices
 * compute tiles of some rows times neighbouring columns.
 *
 * The left side is read where it lies: an image needs no unfolding, since the rows of a tile are fixed distances apart.
 * Only what is not a plain array (padding, a computed operand) is copied first. The right side is copied into panels
 * of a few columns, one after another in the order of the sum (CPU), or read in rows of columns (GPU).
 */
import {
  type Axis,
  axisValue,
  bool,
  type Expr,
  f32,
  i32,
  lt,
  max,
  min,
  select,
  visit,
} from "../engine/expr.ts";
import {
  affineOf,
  allInRange,
  flatten,
  indexAdd,
  indexSub,
  indexSum,
  rewrite,
} from "../engine/index_math.ts";
import { partValue } from "../engine/combine.ts";
import type { ContractionOperand, Kernel } from "../engine/kernel.ts";
import { axesOf } from "../engine/loops.ts";
import { mergeAxes } from "./merge_axes.ts";
import { type LoopKernel, operandValue } from "./loop_kernel.ts";

/** What a device wants of the cut. */
export interface CutOptions {
  /** Rows of a tile, at most. */
  readonly maxRows: number;
  /**
   * Columns of a panel into which the right side is copied. Left out, both sides are read where they lie as far as that is
   * possible, and the left one only where its guards allow it.
   */
  readonly panel?: number;
  /** From how many rows on it is worth copying a right side into rows of columns: one whose columns are apart, or any. */
  readonly copiesFrom?: { readonly strided?: number; readonly any?: number };
  /** Whether to copy the left side in any case, with zeros where it has no elements. */
  readonly copiesLeft?: boolean;
  /** Whether elements may be computed from one loaded element each while they are read, as halves are. */
  readonly readsThrough?: boolean;
}

/** Memory that phases of one kernel hand on to each other. */
export class Scratch {
  readonly dtype = "float32";
  readonly bytes: number;

  constructor(elements: number) {
    this.bytes = elements * 4;
  }
}

/** A loop of the sum, and how both sides move with it, in elements; and the guards. */
export interface SumLoop {
  readonly size: number;
  readonly step: number;
  readonly rightStep: number;
  readonly guardSteps: readonly number[];
}

/** A condition on reading the left side: `0 <= index < size`, else it counts as zero. */
export interface Guard {
  /** At the start of a tile. */
  readonly start: Expr;
  readonly size: number;
  /** How it moves with the tiled loop and with the loops in a tile. */
  readonly tiledStep: number;
  readonly inTileSteps: readonly number[];
}

/** An array, and its element at the start of a tile: rows, columns and sum at their beginning. */
export interface Side {
  readonly source: unknown;
  readonly start: Expr;
  /** What an element counts as, made from what is `loaded`, whatever place that is from; left out where these are the same. */
  readonly through?: { readonly element: Expr; readonly loaded: Expr };
}

/** The rounds of the outermost sum loop outside of which the left side is zero, for all rows of a tile. */
export interface Clip {
  readonly from: Expr;
  readonly to: Expr;
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
  readonly clip: Clip | undefined;
  /** All rows, of all products where there are several. */
  readonly rows: number;
  /** Stores and accumulators, over these loops. */
  readonly stores: Kernel["stores"];
  readonly accumulators: Kernel["accumulators"];
}

const sizeOf = (axes: readonly Axis[]) => axes.reduce((n, a) => n * a.size, 1);

function axesIn(exprs: Iterable<Expr>): Set<Axis> {
  const found = new Set<Axis>();
  visit(exprs, (e) => {
    if (e.op === "axis") found.add(e.source as Axis);
  });
  return found;
}

/** Cuts up a kernel with a contraction; `undefined` where plain loops serve better. */
export function planContraction(kernel: Kernel, options: CutOptions): ContractionPlan | undefined {
  const { contraction } = kernel;
  if (!contraction) return undefined;
  const space = kernel.space.filter((a) => a.size !== 1);
  const window = kernel.over.filter((a) => a.size !== 1);
  const lane = space.at(-1);
  if (
    !lane || lane.size < 3 || space.some((a) => a.size === 0) || contraction.over.some((a) => a.size === 0)
  ) {
    return undefined;
  }
  const sides = [contraction.left, contraction.right];
  if (axesIn(sides[0].index).has(lane)) sides.reverse();
  const [leftAxes, rightAxes] = sides.map((s) => axesIn(s.index));
  if (leftAxes.has(lane) || !rightAxes.has(lane) || window.some((a) => rightAxes.has(a))) return undefined;
  const isRight = (a: Axis) => rightAxes.has(a);
  const rows = sizeOf([...space.filter((a) => !isRight(a)), ...window]);
  const sumAxes = contraction.over.filter((a) => a.size !== 1);
  const terms = sizeOf(sumAxes);
  if (rows < 2 || rows * lane.size * terms < 512) return undefined;

  const left = locate(sides[0], options);
  if (!left) return undefined;
  const batches = space.filter((a) => isRight(a) && a !== lane);
  const right = options.panel
    ? packPanels(sides[1], batches, lane, sumAxes, options.panel)
    : locateRows(sides[1], batches, lane, sumAxes, rows, options);
  const conditions = left.guards ?? [];

  // Addresses have to move evenly with rows and sums; loops that they follow otherwise stay outside.
  const uneven = unevenAxes([left.start, right.start, ...conditions.map((g) => g.index)]);
  if ([...sumAxes, ...window].some((a) => uneven.has(a))) return undefined;
  const sum = mergeSums(
    sumAxes.map((axis) => ({
      size: axis.size,
      step: stepOf(left.start, axis),
      rightStep: stepOf(right.start, axis),
      guardSteps: conditions.map((g) => stepOf(g.index, axis)),
    })),
  );

  // Rows: neighbouring loops that only the left side follows become one where that is possible.
  const groups: Axis[][] = [];
  for (const axis of space.slice(0, -1)) {
    const joins = groups.length > 0 && !isRight(axis) && !isRight(groups.at(-1)!.at(-1)!);
    if (joins) groups.at(-1)!.push(axis);
    else groups.push([axis]);
  }
  const values = [
    ...kernel.accumulators.map((a) => a.value),
    ...kernel.stores.flatMap((s) => [s.index, s.value]),
  ];
  const starts = conditions.map((g) => atStart(g.index, sumAxes));
  const padded = left.copy && paddedAlong(sides[0], sumAxes);
  const { groups: mergedGroups, exprs: [leftStart, rightStart, paddedStart, ...others] } = mergeAxes({
    groups,
    exprs: [
      atStart(left.start, sumAxes),
      atStart(right.start, [...sumAxes, lane]),
      padded?.start ?? i32(0),
      ...starts,
      ...values,
    ],
  });
  const guardStarts = others.slice(0, starts.length);
  const mergedValues = others.slice(starts.length);
  const outer = mergedGroups.flat();
  const unevenNow = unevenAxes([leftStart, rightStart, ...guardStarts]);
  const inTile = window.map((axis) => ({ axis, step: stepOf(leftStart, axis) }));
  const inTileRows = () => sizeOf(inTile.map((t) => t.axis));
  if (inTileRows() > options.maxRows) return undefined;
  /** Takes out the innermost loop that moves the left side evenly and not the right side, if it fits. */
  const takeRows = (fits: (axis: Axis) => boolean): Axis | undefined => {
    const at = outer.findLastIndex((a) => !isRight(a) && !unevenNow.has(a));
    return at >= 0 && fits(outer[at]) ? outer.splice(at, 1)[0] : undefined;
  };
  if (kernel.accumulators.length === 0) {
    // Short loops lie inside of the tile as a whole.
    for (;;) {
      const axis = takeRows((a) => inTileRows() * a.size <= options.maxRows);
      if (!axis) break;
      inTile.unshift({ axis, step: stepOf(leftStart, axis) });
    }
  }
  const tiled = takeRows(() => true);
  const tiledStep = tiled ? stepOf(leftStart, tiled) : 0;
  if (tiledStep < 0 || inTile.some((t) => t.step < 0)) return undefined;
  const rowAxes = inTile.map((t) => t.axis);
  if (tiled) rowAxes.push(tiled);
  // What is skipped has to be the same for all rows of a tile, which may have only one round of the tiled loop.
  const together = 2 * inTileRows() > options.maxRows ? inTile.map((t) => t.axis) : rowAxes;
  const isClipped = padded && sum[0].size === sumAxes[0].size && sum.length > 1 &&
    !together.some((a) => axesIn([paddedStart]).has(a));
  const count = kernel.accumulators.length;
  return {
    copies: [left.copy, right.copy].filter((c) => c !== undefined),
    scratches: [left.scratch, right.scratch].filter((s) => s !== undefined),
    left: {
      source: left.source,
      start: atStart(leftStart, inTile.map((t) => t.axis)),
      through: left.through,
    },
    right: { source: right.source, start: rightStart, through: right.through },
    laneStep: stepOf(right.start, lane),
    guards: guardStarts.map((start, i) => ({
      start: atStart(start, inTile.map((t) => t.axis)),
      size: conditions[i].size,
      tiledStep: tiled ? stepOf(start, tiled) : 0,
      inTileSteps: inTile.map((t) => stepOf(start, t.axis)),
    })),
    outer,
    tiled,
    tiledStep,
    inTile,
    lane,
    sum,
    terms,
    clip: isClipped ? clipOf(paddedStart, padded, sum[0].size) : undefined,
    rows: sizeOf([...outer, ...rowAxes]),
    accumulators: kernel.accumulators.map((a, i) => ({ combine: a.combine, value: mergedValues[i] })),
    stores: kernel.stores.map((s, i) => ({
      ...s,
      index: mergedValues[count + 2 * i],
      value: mergedValues[count + 2 * i + 1],
    })),
  };
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

/** Loops that an index follows otherwise than by a fixed step. */
const unevenAxes = (indices: readonly Expr[]) =>
  axesIn(indices.flatMap((e) => [...affineOf(e).terms.keys()].filter((atom) => atom.op !== "axis")));

/** By how many elements an index moves with a loop. */
const stepOf = (flat: Expr, axis: Axis) => affineOf(flat).terms.get(axisValue(axis)) ?? 0;

/** An index with some loops at their beginning. */
const atStart = (e: Expr, axes: readonly Axis[]) =>
  rewrite(e, (part) => part.op === "axis" && axes.includes(part.source as Axis) ? i32(0) : undefined);

interface Located extends Side {
  readonly guards?: readonly { readonly index: Expr; readonly size: number }[];
  readonly copy?: LoopKernel;
  readonly scratch?: Scratch;
}

/** A side as an array: where it lies, behind guards if these are wanted, or in a copy with zeros around it. */
function locate(side: ContractionOperand, options: CutOptions): Located | undefined {
  const plain = options.copiesLeft ? undefined : whereItLies(side, options) ??
    (options.panel === undefined ? behindGuards(side, options) : undefined);
  if (plain) return plain;
  // The box of all places that are read.
  const lows = side.index.map((e) => e.low);
  const sizes = side.index.map((e) => e.high - e.low + 1);
  const count = sizes.reduce((a, b) => a * b, 1);
  if (count > 4 * side.shape.reduce((a, b) => a * b, 1) + 4096) return undefined;
  const loops = axesOf(sizes, "p");
  const place = loops.map((loop, d) => indexAdd(loop.value, lows[d]));
  const { copy, scratch } = copyOf(
    "left side",
    loops.map((l) => l.axis),
    operandValue({ ...side, index: place }),
  );
  return {
    source: scratch,
    start: flatten(side.index.map((e, d) => indexSub(e, lows[d])), sizes),
    copy,
    scratch,
  };
}

/** The side's own memory, if it is an array that can be read as it is and no place is outside of it. */
function whereItLies(side: ContractionOperand, options: CutOptions): Located | undefined {
  return allInRange(side.index, side.shape) === bool(true) ? arrayOf(side, options) : undefined;
}

/** The array that a side is, or is computed from, element by element. */
function arrayOf(side: ContractionOperand, { readsThrough }: CutOptions): Located | undefined {
  const element = side.at(side.index);
  const loaded = onlyLoad(element);
  if (!loaded) return undefined;
  const array = { source: loaded.source, start: loaded.args[0] };
  if (element === loaded) return loaded.type === "f32" ? array : undefined;
  if (!readsThrough) return undefined;
  const value = partValue(0, 0, loaded.type);
  const through = { element: rewrite(element, (e) => e === loaded ? value : undefined), loaded: value };
  return { ...array, through };
}

/** The load that an expression consists of, if nothing else in it changes from element to element. */
function onlyLoad(element: Expr): Expr | undefined {
  const changing = new Set<Expr>();
  const go = (e: Expr) => {
    if (e.op === "load" || e.op === "axis") changing.add(e);
    else e.args.forEach(go);
  };
  go(element);
  const [only] = changing;
  return changing.size === 1 && only.op === "load" ? only : undefined;
}

/** The side's own memory, and what has to hold for a place to be in it. */
function behindGuards(side: ContractionOperand, options: CutOptions): Located | undefined {
  const array = arrayOf(side, options);
  if (!array) return undefined;
  const guards = side.index.map((index, d) => ({ index, size: side.shape[d] }));
  const needed = guards.filter(({ index, size }) => index.low < 0 || index.high >= size);
  return { ...array, guards: needed };
}

/** An axis of a side that the outermost sum loop moves along, and leaves. */
interface Padded {
  readonly start: Expr;
  readonly size: number;
  readonly step: 1 | -1;
}

function paddedAlong(side: ContractionOperand, sumAxes: readonly Axis[]): Padded | undefined {
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

/** The rounds in which `0 <= start + step * round < size`. */
function clipOf(start: Expr, { size, step }: Padded, rounds: number): Clip {
  const [from, to] = step > 0
    ? [indexSub(i32(0), start), indexSub(i32(size), start)]
    : [indexAdd(start, 1 - size), indexAdd(start, 1)];
  return { from: max(from, i32(0)), to: min(to, i32(rounds)) };
}

function copyOf(label: string, space: readonly Axis[], value: Expr): { copy: LoopKernel; scratch: Scratch } {
  const scratch = new Scratch(sizeOf(space));
  const index = flatten(space.map(axisValue), space.map((a) => a.size));
  const stores = [{ target: scratch, index, value }];
  return { copy: { label, space, over: [], accumulators: [], dot: undefined, stores }, scratch };
}

/** The right side with another index along the columns, zero behind the last one. */
function acrossColumns(side: ContractionOperand, lane: Axis, column: Expr, columns: number): Expr {
  const index = side.index.map((e) =>
    rewrite(e, (part) => part.op === "axis" && part.source === lane ? column : undefined)
  );
  const element = operandValue({ ...side, index });
  return columns === lane.size ? element : select(lt(column, i32(lane.size)), element, f32(0));
}

/** The right side in panels: [batches..., panel, sum..., columns of a panel]. */
function packPanels(
  side: ContractionOperand,
  batches: readonly Axis[],
  lane: Axis,
  sumAxes: readonly Axis[],
  width: number,
): Located {
  const panel: Axis = { name: "panel", size: Math.ceil(lane.size / width) };
  const column: Axis = { name: "column", size: width };
  const across = indexSum([[axisValue(panel), width], [axisValue(column), 1]]);
  const space = [...batches, panel, ...sumAxes, column];
  const value = acrossColumns(side, lane, across, panel.size * width);
  const { copy, scratch } = copyOf("right side", space, value);
  const place = space.map((a) => a === panel || a === column ? i32(0) : axisValue(a));
  return { source: scratch, start: flatten(place, space.map((a) => a.size)), copy, scratch };
}

/** The right side in rows of columns: where it lies, or in a copy [batches..., sum..., columns]. */
function locateRows(
  side: ContractionOperand,
  batches: readonly Axis[],
  lane: Axis,
  sumAxes: readonly Axis[],
  rows: number,
  options: CutOptions,
): Located {
  const { strided = Infinity, any = Infinity } = options.copiesFrom ?? {};
  const plain = whereItLies(side, options);
  const step = plain ? stepOf(plain.start, lane) : 0;
  if (plain && step > 0 && rows < (step === 1 ? any : Math.min(strided, any))) return plain;
  const column: Axis = { name: "column", size: Math.ceil(lane.size / 4) * 4 };
  const space = [...batches, ...sumAxes, column];
  const value = acrossColumns(side, lane, axisValue(column), column.size);
  const { copy, scratch } = copyOf("right side", space, value);
  const place = space.map((a) => axisValue(a === column ? lane : a));
  return { source: scratch, start: flatten(place, space.map((a) => a.size)), copy, scratch };
}

/** Sum loops through which both sides move as through one become one. */
function mergeSums(loops: readonly SumLoop[]): SumLoop[] {
  const result = [...loops];
  for (let i = result.length - 2; i >= 0; i--) {
    const [a, b] = [result[i], result[i + 1]];
    const isOne = a.step === b.step * b.size && a.rightStep === b.rightStep * b.size &&
      a.guardSteps.every((step, g) => step === b.guardSteps[g] * b.size);
    if (isOne) result.splice(i, 2, { ...b, size: a.size * b.size });
  }
  return result;
}
