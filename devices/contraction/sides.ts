/**
 * The sides of a contraction: which operand is which, where they are, and what is copied for them.
 *
 * The left side is read where it lies: an image needs no unfolding, since the rows of a tile are fixed distances apart.
 * Only what is not a plain array (padding, a computed operand) is copied first. The right side is copied into panels of a
 * few columns, one after another in the order of the sum (CPU), or read in rows of columns (GPU).
 */
import {
  type Axis,
  axisValue,
  bool,
  type Expr,
  f32,
  i32,
  lt,
  placeholder,
  select,
} from "../../engine/expression/expr.ts";
import {
  affineOf,
  allInRange,
  flatten,
  indexSub,
  indexSum,
  rewrite,
} from "../../engine/expression/index_math.ts";
import type { ContractionOperand, Kernel } from "../../engine/kernel.ts";
import { axesOf } from "../../engine/expression/axes.ts";
import { type LoopKernel, operandValue } from "../loop_nest/loop_kernel.ts";
import { axesIn, roundsOf, stepOf, unevenAxes } from "../loop_nest/loop_steps.ts";
import { besideRows } from "../loop_nest/loop_order.ts";
import { Scratch } from "../scratch.ts";
import { unevenLoop } from "./split_loops.ts";

/** How a device wants to read the sides. */
export interface SideOptions {
  /**
   * Columns of a panel into which the right side is copied. Left out, both sides are read where they lie as far as that is
   * possible, and the left one only where its guards allow it.
   */
  readonly panel?: number;
  /** Whether elements may be computed from one loaded element each while they are read, as halves are. */
  readonly readsThrough?: boolean;
}

/** Which operand of a contraction is which side, and what its loops are to them. */
export interface Roles {
  readonly left: ContractionOperand;
  readonly right: ContractionOperand;
  /** Loops over results, of which that over columns is the last. */
  readonly space: readonly Axis[];
  /** Loops of a reduction behind the sum. */
  readonly window: readonly Axis[];
  /** Loops over results that the right side follows, but for the columns: it is another for each round. */
  readonly batches: readonly Axis[];
  /** The loop over columns. */
  readonly lane: Axis;
  /** Loops of the sum. */
  readonly sumAxes: readonly Axis[];
  /** Rows of one product. */
  readonly rows: number;
  readonly terms: number;
  /** Whether the right side follows a loop. */
  isRight(axis: Axis): boolean;
}

/** The left side is the one that does not follow the columns; `undefined` where there is none, or little to do. */
export function rolesOf(kernel: Kernel): Roles | undefined {
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
  const rows = roundsOf([...space.filter((a) => !isRight(a)), ...window]);
  const sumAxes = contraction.over.filter((a) => a.size !== 1);
  const terms = roundsOf(sumAxes);
  if (rows < 2 || rows * lane.size * terms < 512) return undefined;
  const batches = space.filter((a) => isRight(a) && a !== lane);
  return { left: sides[0], right: sides[1], space, window, batches, lane, sumAxes, rows, terms, isRight };
}

/** An array, and its element at the start of a tile: rows, columns and sum at their beginning. */
export interface Side {
  readonly source: unknown;
  readonly start: Expr;
  /** What an element counts as, made from what is `loaded`, whatever place that is from; left out where these are the same. */
  readonly through?: { readonly element: Expr; readonly loaded: Expr };
}

/** A side that was found or is copied. */
export interface Located extends Side {
  /** What has to hold for a place to be in the array: `0 <= index < size`; else the element is zero. */
  readonly guards: readonly { readonly index: Expr; readonly size: number }[];
  readonly copy?: LoopKernel;
  readonly scratch?: Scratch;
}

/** The loop that the left side, where it lies, follows otherwise than by a fixed step, if it can be cut so that it does. */
export function unevenLeft(
  { left, space, lane, sumAxes }: Roles,
): { axis: Axis; rounds: number } | undefined {
  const array = arrayOf(left, { readsThrough: true });
  return array && unevenLoop(array.start, [...space.filter((a) => a !== lane), ...sumAxes]);
}

/** The left side as an array: where it lies, behind guards if these are wanted, or in a copy with zeros around it. */
export function locateLeft(roles: Roles, options: SideOptions): Located | undefined {
  return leftWhereItLies(roles, options) ?? copyOfBox(roles, (e) => [e.low, e.high]) ??
    whereItLies(roles.left, options);
}

/** The left side without a copy, if it can be read so. */
export function leftWhereItLies(roles: Roles, options: SideOptions): Located | undefined {
  const { left: side } = roles;
  const plain = whereItLies(side, options) ??
    (options.panel === undefined ? behindGuards(side, options) : undefined);
  return plain && isEven(plain, roles) ? plain : undefined;
}

/** Whether the loops of the sum and the window, and some rows, move a side by fixed steps. */
function isEven({ start, guards }: Located, { space, sumAxes, window, isRight }: Roles): boolean {
  const uneven = unevenAxes([start, ...guards.map((g) => g.index)]);
  if (uneven.size === 0) return true;
  const rows = space.filter((a) => !isRight(a));
  return ![...sumAxes, ...window].some((a) => uneven.has(a)) && rows.some((a) => !uneven.has(a));
}

/** The left side without anything around it, for sums that leave it by no edge: where it lies, or in a copy. */
export function locateInside(roles: Roles, options: SideOptions): Located | undefined {
  const { left: side, sumAxes } = roles;
  const array = arrayOf(side, options);
  const uneven = unevenAxes(array ? [array.start] : []);
  if (array && !sumAxes.some((a) => uneven.has(a))) return array;
  return copyOfBox(roles, (e, size) => [Math.max(e.low, 0), Math.min(e.high, size - 1)]);
}

/** The lowest and the highest place that is read on an axis of some size. */
type Reads = (place: Expr, size: number) => readonly [low: number, high: number];

/** A copy of the places from the lowest to the highest that is read on each axis. */
function copyOfBox(roles: Roles, readsOf: Reads): Located | undefined {
  const side = roles.left;
  const bases = side.index.map((e, d) => baseOf(roles, e, side.shape[d]));
  const index = side.index.map((e, d) => indexSub(e, bases[d]));
  const reads = index.map((e, d) =>
    bases[d] === i32(0) ? readsOf(e, side.shape[d]) : [e.low, e.high] as const
  );
  const isWhole = bases.every((base) => base === i32(0)) && isMostOf(side, reads);
  const box = isWhole ? side.shape.map((n) => [0, n - 1] as const) : reads;
  const lows = box.map(([low]) => low);
  const sizes = box.map(([low, high]) => high - low + 1);
  const count = sizes.reduce((a, b) => a * b, 1);
  if (count > 4 * side.shape.reduce((a, b) => a * b, 1) + 4096) return undefined;
  const loops = axesOf(sizes, "p");
  const place = loops.map((loop, d) => indexSum([[loop.value, 1], [bases[d], 1]], lows[d]));
  const space = loops.map((l) => l.axis);
  const copied = copyOf("left side", space, operandValue({ ...side, index: place }));
  return { ...copied, start: flatten(index.map((e, d) => indexSub(e, lows[d])), sizes) };
}

/** What is the same in all of a kernel's loops, of a place that is never outside: where the loops around it are. */
function baseOf({ space, window, sumAxes }: Roles, place: Expr, size: number): Expr {
  if (place.low < 0 || place.high >= size) return i32(0);
  const own = new Set([...space, ...window, ...sumAxes]);
  const around = [...affineOf(place).terms].filter(([atom]) =>
    atom.op === "axis" && !own.has(atom.source as Axis)
  );
  return indexSum(around);
}

/** The lowest and the highest place on each axis. */
type Box = readonly (readonly [low: number, high: number])[];

/** Whether a box is most of an array: that is then copied as it lies, which costs less than a part of it. */
function isMostOf(side: ContractionOperand, box: Box): boolean {
  const isWithin = box.every(([low, high], d) => low >= 0 && high < side.shape[d]);
  const share = box.reduce((part, [low, high], d) => part * (high - low + 1) / side.shape[d], 1);
  return isWithin && share > 0.5 && arrayOf(side, {}) !== undefined;
}

/** The side's own memory, if it is an array that can be read as it is and no place is outside of it. */
function whereItLies(side: ContractionOperand, options: SideOptions): Located | undefined {
  return allInRange(side.index, side.shape) === bool(true) ? arrayOf(side, options) : undefined;
}

/** The array that a side is, or is computed from, element by element. */
export function arrayOf(side: ContractionOperand, { readsThrough }: SideOptions): Located | undefined {
  const element = side.at(side.index);
  const loaded = onlyLoad(element);
  if (!loaded) return undefined;
  const array = { source: loaded.source, start: loaded.args[0], guards: [] };
  if (element === loaded) return loaded.type === "f32" ? array : undefined;
  if (!readsThrough) return undefined;
  const value = placeholder(loaded.type);
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
function behindGuards(side: ContractionOperand, options: SideOptions): Located | undefined {
  const array = arrayOf(side, options);
  if (!array) return undefined;
  const guards = side.index.map((index, d) => ({ index, size: side.shape[d] }));
  const needed = guards.filter(({ index, size }) => index.low < 0 || index.high >= size);
  return { ...array, guards: needed };
}

/** With more rows than these, a right side is read often enough to be copied into panels. */
const FEW_ROWS = 48;
/** Where rows of columns are longer, reading only a panel's part of each wastes the caches. */
const SHORT_COLUMNS = 128;

/** The right side as an array: in panels where these are wanted, else in rows of columns. */
export function locateRight(roles: Roles, options: SideOptions): Located {
  if (!options.panel) return locateRows(roles, options);
  return inPanelsAsItLies(roles, options.panel) ?? packPanels(roles, options.panel);
}

/** The right side where it lies, if that is nearly as good as panels: rows of columns in the order of the sum. */
function inPanelsAsItLies({ right, lane, sumAxes, rows }: Roles, width: number): Located | undefined {
  if (rows > FEW_ROWS || lane.size > SHORT_COLUMNS || lane.size % width !== 0) return undefined;
  const plain = whereItLies(right, {});
  if (!plain || stepOf(plain.start, lane) !== 1) return undefined;
  const steps = sumAxes.map((axis) => stepOf(plain.start, axis));
  const areEven = steps.every((step, i) => i === 0 || steps[i - 1] === step * sumAxes[i].size);
  return areEven && (steps.at(-1) ?? 0) > 0 ? plain : undefined;
}

/** A copy of values, laid out by a space, whose loops are gone through in another order if one is given. */
export function copyOf(
  label: string,
  space: readonly Axis[],
  value: Expr,
  order: readonly Axis[] = space,
): Omit<Located, "start"> {
  const scratch = new Scratch(roundsOf(space));
  const index = flatten(space.map(axisValue), space.map((a) => a.size));
  const stores = [{ target: scratch, index, value }];
  const copy = { label, space: order, over: [], accumulators: [], sweeps: [], dot: undefined, stores };
  return { source: scratch, guards: [], copy, scratch };
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
  { right: side, batches, lane, sumAxes }: Roles,
  width: number,
): Located {
  const panel: Axis = { name: "panel", size: Math.ceil(lane.size / width) };
  const column: Axis = { name: "column", size: width };
  const across = indexSum([[axisValue(panel), width], [axisValue(column), 1]]);
  const space = [...batches, panel, ...sumAxes, column];
  const value = acrossColumns(side, lane, across, panel.size * width);
  const copied = copyOf("right side", space, value, besideRows(space, panel));
  const place = space.map((a) => a === panel || a === column ? i32(0) : axisValue(a));
  return { ...copied, start: flatten(place, space.map((a) => a.size)) };
}

/** The right side in rows of columns: where it lies, or in a copy [batches..., sum..., columns]. */
function locateRows(
  { right: side, batches, lane, sumAxes }: Roles,
  options: SideOptions,
): Located {
  const plain = whereItLies(side, options);
  if (plain && stepOf(plain.start, lane) > 0) return plain;
  const column: Axis = { name: "column", size: Math.ceil(lane.size / 4) * 4 };
  const space = [...batches, ...sumAxes, column];
  const value = acrossColumns(side, lane, axisValue(column), column.size);
  const copied = copyOf("right side", space, value);
  const place = space.map((a) => axisValue(a === column ? lane : a));
  return { ...copied, start: flatten(place, space.map((a) => a.size)) };
}
