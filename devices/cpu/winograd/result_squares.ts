/** Squares of products, transformed to sums, and what becomes of these: the kernel's epilogue, or pooling windows. */
import {
  and,
  type Axis,
  axisValue,
  bool,
  type Expr,
  i32,
  loadFrom,
  lt,
} from "../../../engine/expression/expr.ts";
import { flatten, indexSum } from "../../../engine/expression/index_math.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import { reductionOf } from "../../loop_nest/reduction.ts";
import type { Scratch } from "../../scratch.ts";
import type { Phase } from "../codegen/phase.ts";
import { type Blocks, tileAt } from "./blocks.ts";
import type { ShortConvolution } from "./toom_cook.ts";
import { type TransformEnd, transformPhase } from "./transform_phase.ts";
import { type Along, sizeOfLoop, type WindowProduct, withLoops } from "./window_product.ts";

/** Where the parts of a block are, and where products come from. */
interface ResultOptions {
  /** The number of the block. */
  readonly block: Expr;
  from(row: number, column: number): { readonly source: Scratch; readonly index: Expr };
}

/** The phase that ends a block of tiles. */
export function resultSquares(
  kernel: Kernel,
  { along: [rows, columns], lane, image }: WindowProduct,
  { output }: ShortConvolution,
  blocks: Blocks,
  { block, from }: ResultOptions,
): Phase {
  const [height, width] = [windowAlong(rows), windowAlong(columns)];
  const at = tileAt(blocks, block, output.length);
  const inTile = Array.from({ length: output.length ** 2 / (height * width) }, (_, i) => {
    const perRow = output.length / width;
    return [Math.floor(i / perRow) * height, i % perRow * width] as const;
  });
  /** The window of sums that begins at a place of the square. */
  const endAt = (top: number, left: number): TransformEnd => {
    const [row, column] = [
      indexSum([[blocks.firstRow(block), output.length / height], [
        axisValue(blocks.row),
        output.length / height,
      ]], top / height),
      indexSum([[axisValue(blocks.column), output.length / width]], left / width),
    ];
    const places = new Map<Axis, Expr>([
      [rows.place, row],
      [columns.place, column],
      ...image ? [[image, at.image] as const] : [],
    ]);
    const of = Array.from({ length: height * width }, (_, i) => {
      const [down, across] = [Math.floor(i / width), i % width];
      const inWindow = new Map([
        ...rows.pooled ? [[rows.pooled, i32(down)] as const] : [],
        ...columns.pooled ? [[columns.pooled, i32(across)] as const] : [],
      ]);
      const moved = withLoops(new Map([...places, ...inWindow]));
      const position = flatten(
        kernel.over.map((a) => inWindow.get(a) ?? i32(0)),
        kernel.over.map((a) => a.size),
      );
      return {
        row: top + down,
        column: left + across,
        position: position.value,
        values: kernel.accumulators.map((a) => moved(a.value)),
      };
    }).sort((a, b) => a.position - b.position);
    const moved = withLoops(places);
    const when = [
      lt(row, i32(rows.place.size)),
      lt(column, i32(columns.place.size)),
      lt(image ? at.image : i32(0), i32(sizeOfLoop(image))),
    ].reduce(and);
    return {
      of,
      stores: kernel.stores.map((s) => ({ target: s.target, index: moved(s.index), value: moved(s.value) })),
      when: when === bool(true) ? undefined : when,
    };
  };
  return transformPhase({
    label: `${kernel.label}: results`,
    items: [blocks.image],
    loops: [blocks.row, blocks.column],
    lane,
    matrix: output,
    input: (i, j) => {
      const { source, index } = from(i, j);
      return loadFrom(source, "float32", index);
    },
    value: kernel.contraction!.sum,
    reductions: kernel.accumulators.map(reductionOf),
    ends: inTile.map(([top, left]) => endAt(top, left)),
  });
}

/** How many places one result joins along rows or columns. */
const windowAlong = ({ pooled }: Along): number => sizeOfLoop(pooled);
