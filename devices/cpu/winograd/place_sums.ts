/** Sums over all places of a window: gradients of convolutions to their weights. */
import {
  add,
  and,
  type Axis,
  axisValue,
  bool,
  type Expr,
  f32,
  i32,
  loadFrom,
  lt,
  placeholder,
  select,
} from "../../../engine/expression/expr.ts";
import { flatten, indexDiv, indexRem, indexSum, unflatten } from "../../../engine/expression/index_math.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import { operandValue } from "../../loop_nest/loop_kernel.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { contractionPhase } from "../contraction/emit_contraction.ts";
import { loopPhase } from "../codegen/emit_loops.ts";
import type { Phase } from "../codegen/phase.ts";
import {
  flatOf,
  placeIn,
  planOfProduct,
  roomForSquares,
  shapeOfProducts,
  squareLoops,
  valuesOf,
} from "./block_products.ts";
import { blockedPhase } from "./blocked_phase.ts";
import { type Blocks, evenPart, tileAt } from "./blocks.ts";
import { imageSquares } from "./image_squares.ts";
import type { ShortConvolution } from "./toom_cook.ts";
import { eachStored, type TransformEnd, transformPhase } from "./transform_phase.ts";
import {
  operandAt,
  sizeOfLoop,
  WINDOW,
  type WindowProduct,
  windowRound,
  withLoops,
} from "./window_product.ts";

/** Sums that items have of their own take no more bytes than these, all together. */
const SUM_BYTES = 16 << 20;
const MOST_SUMS = 16;

/** The kernel in two stages: items add up products of blocks, each in memory of its own; then these sums are joined. */
export function placeSums(
  kernel: Kernel,
  product: WindowProduct,
  matrices: ShortConvolution,
  blocks: Blocks,
  { threads, joinsLanes }: { threads: number; joinsLanes: boolean },
): CopyingKernel<Phase> {
  const { right, along: [rows, columns], channel, lane, image, batches } = product;
  const { edge, squares, shape, width, thread, square, panel, column, across, place } = squareLoops(
    matrices.input.length,
    lane,
    threads,
    // Rows lie side by side, and are only then read by the four.
    shapeOfProducts(joinsLanes && channel.size % 4 === 0, lane, 4, blocks.tiles),
  );
  const size = matrices.weight[0].length;
  const batchCount = roundsOf(batches);
  const bytes = squares * channel.size * width * 4 * batchCount;
  const perItem = Math.ceil(
    blocks.count / evenPart(blocks.count, Math.max(1, Math.min(MOST_SUMS, SUM_BYTES / bytes))),
  );
  const sums = Math.ceil(blocks.count / perItem);
  const item: Axis = { name: "item", size: batchCount * sums };
  const round: Axis = { name: "round", size: perItem };
  const block = indexSum([[indexRem(axisValue(item), sums), perItem], [axisValue(round), 1]]);
  const batch = unflatten(indexDiv(axisValue(item), sums), batches.map((b) => b.size));
  const around = new Map(batches.map((b, i) => [b, batch[i]]));

  const inTiles = [blocks.image, blocks.row, blocks.column];
  const factors = roomForSquares(threads, squares, blocks.tiles * channel.size);
  const images = imageSquares(kernel.label, product, matrices, blocks, {
    thread,
    block,
    around,
    to: (i, j) => ({
      target: factors.scratch,
      index: placeIn(factors, axisValue(thread), place(i, j), flatOf(...inTiles, channel)),
    }),
  });

  // The other factor, in panels: [threads, squares, panels, tiles, columns].
  const others = roomForSquares(threads, squares, blocks.tiles * width);
  const value = placeholder("f32");
  const at = tileAt(blocks, block, size);
  const otherPhase = transformPhase({
    label: `${kernel.label}: results`,
    items: [blocks.image],
    loops: [blocks.row, blocks.column, panel],
    lane: column,
    matrix: matrices.weight,
    input: (i, j) => {
      const [row, down] = [indexSum([[at.row, 1]], i), indexSum([[at.column, 1]], j)];
      const side = operandAt(
        right,
        new Map([
          ...around,
          [rows.place, row],
          [columns.place, down],
          [lane, across],
          ...image ? [[image, at.image] as const] : [],
        ]),
      );
      const inside = [
        [row, rows.place.size],
        [down, columns.place.size],
        [image ? at.image : i32(0), sizeOfLoop(image)],
      ] as const;
      const isInside = inside.reduce((all, [e, n]) => and(all, lt(e, i32(n))), bool(true));
      return isInside === bool(true) ? operandValue(side) : select(isInside, operandValue(side), f32(0));
    },
    value,
    ends: eachStored(edge, value, (i, j) => ({
      target: others.scratch,
      index: placeIn(others, axisValue(thread), place(i, j), flatOf(panel, ...inTiles, column)),
    })),
  });

  const sum = roomForSquares(batchCount * sums, squares, channel.size * width);
  const inSum = indexSum([[axisValue(channel), width], [axisValue(lane), 1]]);
  const zeros = loopPhase({
    label: `${kernel.label}: zeros`,
    space: [square, channel, lane],
    over: [],
    accumulators: [],
    sweeps: [],
    dot: undefined,
    stores: [{
      target: sum.scratch,
      index: placeIn(sum, ...valuesOf(item, square), inSum),
      value: f32(0),
    }],
  });
  const total = placeholder("f32");
  const sumAt = placeIn(sum, ...valuesOf(item, square), inSum);
  const multiplied = contractionPhase(
    `${kernel.label}: products`,
    planOfProduct({
      square,
      row: channel,
      lane,
      terms: blocks.tiles,
      left: {
        scratch: factors.scratch,
        start: placeIn(factors, ...valuesOf(thread, square), axisValue(channel)),
        rowStep: 1,
        step: channel.size,
      },
      right: {
        scratch: others.scratch,
        start: placeIn(others, ...valuesOf(thread, square), i32(0)),
      },
      panel: shape.panel,
      total,
      store: {
        target: sum.scratch,
        index: sumAt,
        value: add(loadFrom(sum.scratch, "float32", sumAt), total),
      },
    }),
    shape,
    { share: thread, threads },
  );
  const phase = blockedPhase({
    label: kernel.label,
    items: item.size,
    item,
    thread,
    before: [zeros],
    rounds: round,
    phases: [...images.phases, otherPhase, multiplied.phase],
    how:
      `Winograd's ${squares} products for sums with ${size} x ${size} places, ${blocks.tiles} tiles at a time, ` +
      `in parts of ${perItem * blocks.tiles}${shape.inSlices ? ", in slices" : ""}`,
  });

  const joined = transformPhase({
    label: `${kernel.label}: weights`,
    items: [...batches, channel],
    loops: [],
    lane,
    matrix: matrices.output,
    input: (i, j) => {
      const first = flatten(batches.map(axisValue), batches.map((b) => b.size));
      const part = (n: number): Expr =>
        loadFrom(
          sum.scratch,
          "float32",
          placeIn(sum, indexSum([[first, sums]], n), place(i, j), inSum),
        );
      return Array.from({ length: sums - 1 }, (_, n) => n + 1).reduce((all, n) => add(all, part(n)), part(0));
    },
    value: kernel.contraction!.sum,
    ends: Array.from({ length: WINDOW ** 2 }, (_, n): TransformEnd => {
      const [row, column] = [Math.floor(n / WINDOW), n % WINDOW];
      const moved = withLoops(
        new Map([[rows.window, windowRound(rows, row)], [columns.window, windowRound(columns, column)]]),
      );
      return {
        of: [{ row, column, position: 0, values: [] }],
        stores: kernel.stores.map((s) => ({
          target: s.target,
          index: moved(s.index),
          value: moved(s.value),
        })),
      };
    }),
  });
  return {
    stages: [[phase], [joined]],
    scratches: [
      factors.scratch,
      others.scratch,
      sum.scratch,
      ...images.scratches,
      ...multiplied.scratches,
    ],
    copies: [],
  };
}
