/** Products of what tiles were transformed to: a matrix product for each place of a square, of one block of tiles. */
import { type Axis, axisValue, type Expr, i32 } from "../../../engine/expression/expr.ts";
import { flatten, indexSum } from "../../../engine/expression/index_math.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { ContractionPlan } from "../../contraction/contraction_plan.ts";
import { Scratch } from "../../scratch.ts";
import { type TileShape, tileShapes } from "../contraction/tile_shapes.ts";

/** Shorter sums are not worth copying slices for. */
const FEWEST_TERMS = 24;

/**
 * The tiles of registers: with four rows, all numbers of the left side come from registers. Where lanes are joined, they are
 * in slices if that leaves all else as it is: so many rows, and sums of so many terms.
 */
export function shapeOfProducts(joinsLanes: boolean, lane: Axis, rows: 4 | 6, terms: number): TileShape {
  const inSlices = tileShapes[`${rows}x16 in slices`];
  const isFit = lane.size % inSlices.panel === 0 && terms >= FEWEST_TERMS;
  return joinsLanes && isFit ? inSlices : tileShapes["4x8"];
}

/** An array that the parts of a kernel hand on to each other: so many squares of matrices. */
export interface Squares {
  readonly scratch: Scratch;
  /** From one array of squares to the next, and from one place of the squares to the next, in elements. */
  readonly size: number;
  readonly step: number;
}

/** Matrices a power of two apart would share few lines of the first cache, so there is a line between them. */
const LINE = 16;

/** Room for so many arrays of squares, each place of which is a matrix of so many elements. */
export function roomForSquares(count: number, squares: number, elements: number): Squares {
  const step = elements + LINE;
  return { scratch: new Scratch(count * squares * step), size: squares * step, step };
}

/** Where an element of a matrix is. */
export const placeIn = ({ size, step }: Squares, array: Expr, square: Expr, element: Expr): Expr =>
  indexSum([[array, size], [square, step], [element, 1]]);

/** What sums over windows and sums over places have in common. */
export interface SquareLoops {
  /** Places of a square, and all of them. */
  readonly edge: number;
  readonly squares: number;
  readonly shape: TileShape;
  /** Columns of all panels. */
  readonly width: number;
  readonly thread: Axis;
  readonly square: Axis;
  readonly panel: Axis;
  readonly column: Axis;
  /** The result's column that a column of a panel is. */
  readonly across: Expr;
  /** The number of a place of the square. */
  place(row: number, column: number): Expr;
}

/** Makes them. */
export function squareLoops(edge: number, lane: Axis, threads: number, shape: TileShape): SquareLoops {
  const squares = edge * edge;
  const panels = Math.ceil(lane.size / shape.panel);
  const panel = { name: "panel", size: panels };
  const column = { name: "column", size: shape.panel };
  return {
    edge,
    squares,
    shape,
    width: panels * shape.panel,
    thread: { name: "thread", size: threads },
    square: { name: "factor", size: squares },
    panel,
    column,
    across: indexSum([[axisValue(panel), shape.panel], [axisValue(column), 1]]),
    place: (i, j) => i32(i * edge + j),
  };
}

/** A matrix product for each round of a loop. */
export interface BlockProduct {
  readonly square: Axis;
  readonly row: Axis;
  readonly lane: Axis;
  readonly terms: number;
  readonly left: {
    readonly scratch: Scratch;
    readonly start: Expr;
    readonly rowStep: number;
    readonly step: number;
  };
  /** In panels. */
  readonly right: { readonly scratch: Scratch; readonly start: Expr };
  readonly panel: number;
  readonly total: Expr;
  readonly store: { readonly target: Scratch; readonly index: Expr; readonly value: Expr };
}

/** How it is cut into tiles of registers. */
export function planOfProduct(product: BlockProduct): ContractionPlan {
  const { square, row, lane, terms, left, right, panel, total, store } = product;
  return {
    copies: [],
    scratches: [],
    left: { source: left.scratch, start: left.start },
    right: { source: right.scratch, start: right.start },
    laneStep: 1,
    guards: [],
    outer: [square],
    tiled: row,
    tiledStep: left.rowStep,
    inTile: [],
    lane,
    sum: [{ size: terms, step: left.step, rightStep: panel, guardSteps: [] }],
    terms,
    rows: square.size * row.size,
    // What is stored there is no tensor, but is named by where it lies alone.
    stores: [{
      ...store,
      target: store.target as unknown as Tensor,
      tensor: store.target as unknown as Tensor,
    }],
    accumulators: [],
    total,
  };
}

/** The place of an element in the order of some loops. */
export const flatOf = (...axes: Axis[]): Expr => flatten(axes.map(axisValue), axes.map((a) => a.size));

/** The running indices of loops. */
export const valuesOf = <T extends readonly Axis[]>(...axes: T): { [K in keyof T]: Expr } =>
  axes.map(axisValue) as { [K in keyof T]: Expr };
