/** Overlapping squares of images, transformed: one of the two factors of all that is computed so. */
import {
  type Axis,
  axisValue,
  bool,
  type Expr,
  loadFrom,
  placeholder,
} from "../../../engine/expression/expr.ts";
import { allInRange, flatten, indexSum } from "../../../engine/expression/index_math.ts";
import { operandValue } from "../../loop_nest/loop_kernel.ts";
import { Scratch } from "../../scratch.ts";
import { loopPhase } from "../codegen/emit_loops.ts";
import type { Phase } from "../codegen/phase.ts";
import { type Blocks, tileAt } from "./blocks.ts";
import type { ShortConvolution } from "./toom_cook.ts";
import { eachStored, transformPhase } from "./transform_phase.ts";
import { operandAt, roundsAt, WINDOW, type WindowProduct, windowRound } from "./window_product.ts";

/** Where the parts of a block are, and where transformed values go. */
export interface SquaresOptions {
  readonly thread: Axis;
  /** The number of the block. */
  readonly block: Expr;
  /** What is known of loops around the blocks. */
  readonly around?: ReadonlyMap<Axis, Expr>;
  to(row: number, column: number): { readonly target: Scratch; readonly index: Expr };
}

/** The phases that transform the squares of a block: behind a copy with zeros around it, unless they can be read where they lie. */
export function imageSquares(
  label: string,
  product: WindowProduct,
  matrices: ShortConvolution,
  blocks: Blocks,
  { thread, block, around = new Map(), to }: SquaresOptions,
): { phases: Phase[]; scratches: Scratch[] } {
  const { left, along: [rows, columns], channel, image } = product;
  const edge = matrices.input.length;
  const step = edge - WINDOW + 1;
  const at = tileAt(blocks, block, step);
  const operandOf = (where: { image: Expr; row: Expr; column: Expr }) =>
    operandAt(
      left,
      new Map([
        ...around,
        ...roundsAt(rows, where.row),
        ...roundsAt(columns, where.column),
        [rows.window, windowRound(rows, 0)],
        [columns.window, windowRound(columns, 0)],
        ...image ? [[image, where.image] as const] : [],
      ]),
    );
  const square = (i: number, j: number) =>
    operandOf({ ...at, row: indexSum([[at.row, 1]], i), column: indexSum([[at.column, 1]], j) });
  const last = square(edge - 1, edge - 1);
  const first = square(0, 0);
  const isInside = allInRange(first.index, left.shape) === bool(true) &&
    allInRange(last.index, left.shape) === bool(true);
  const element = first.at(first.index);
  const isPlain = isInside && element.op === "load" && element.type === "f32";

  const value = placeholder("f32");
  const transformed = (input: (i: number, j: number) => Expr) =>
    transformPhase({
      label: `${label}: images`,
      items: [blocks.image],
      loops: [blocks.row, blocks.column],
      lane: channel,
      matrix: matrices.input,
      input,
      value,
      ends: eachStored(edge, value, to),
    });
  if (isPlain) return { phases: [transformed((i, j) => operandValue(square(i, j)))], scratches: [] };

  const height: Axis = { name: "y", size: blocks.row.size * step + WINDOW - 1 };
  const breadth: Axis = { name: "x", size: blocks.column.size * step + WINDOW - 1 };
  const shape = [thread.size, blocks.image.size, height.size, breadth.size, channel.size];
  const scratch = new Scratch(shape.reduce((a, b) => a * b, 1));
  const copied = loopPhase({
    label: `${label}: images with zeros around them`,
    space: [blocks.image, height, breadth, channel],
    over: [],
    accumulators: [],
    sweeps: [],
    dot: undefined,
    stores: [{
      target: scratch,
      index: flatten([thread, blocks.image, height, breadth, channel].map(axisValue), shape),
      value: operandValue(operandOf({
        image: at.image,
        row: indexSum([[blocks.firstRow(block), step], [axisValue(height), 1]]),
        column: axisValue(breadth),
      })),
    }],
  });
  const phase = transformed((i, j) =>
    loadFrom(
      scratch,
      "float32",
      flatten([
        axisValue(thread),
        axisValue(blocks.image),
        indexSum([[axisValue(blocks.row), step]], i),
        indexSum([[axisValue(blocks.column), step]], j),
        axisValue(channel),
      ], shape),
    )
  );
  return { phases: [copied, phase], scratches: [scratch] };
}
