/** Sums over windows of images: convolutions, and their gradients to the images. */
import { type Axis, axisValue, i32, placeholder } from "../../../engine/expression/expr.ts";
import { indexSum } from "../../../engine/expression/index_math.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import { operandValue } from "../../loop_nest/loop_kernel.ts";
import type { Phase } from "../codegen/phase.ts";
import { contractionPhase } from "../contraction/emit_contraction.ts";
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
import type { Blocks } from "./blocks.ts";
import { imageSquares } from "./image_squares.ts";
import { resultSquares } from "./result_squares.ts";
import type { ShortConvolution } from "./toom_cook.ts";
import { eachStored, transformPhase } from "./transform_phase.ts";
import { operandAt, type WindowProduct, windowRound } from "./window_product.ts";

/** The kernel in two stages: weights are transformed, then blocks of tiles go from images to results. */
export function windowSums(
  kernel: Kernel,
  product: WindowProduct,
  matrices: ShortConvolution,
  blocks: Blocks,
  { threads, joinsLanes }: { threads: number; joinsLanes: boolean },
): CopyingKernel<Phase> {
  const { right, along: [rows, columns], channel, lane } = product;
  const { edge, squares, shape, width, thread, square, panel, column, across, place } = squareLoops(
    matrices.input.length,
    lane,
    threads,
    shapeOfProducts(joinsLanes, lane, 6, channel.size),
  );
  const size = matrices.output.length;
  const block: Axis = { name: "block", size: blocks.count };
  const tile: Axis = { name: "tile", size: blocks.tiles };

  // The weights, in panels: [squares, panels, channels, columns].
  const weights = roomForSquares(1, squares, channel.size * width);
  const value = placeholder("f32");
  const weightPhase = transformPhase({
    label: `${kernel.label}: weights`,
    items: [channel],
    loops: [panel],
    lane: column,
    matrix: matrices.weight,
    input: (i, j) =>
      operandValue(operandAt(
        right,
        new Map([
          [rows.window, windowRound(rows, i)],
          [columns.window, windowRound(columns, j)],
          [lane, across],
        ]),
      )),
    value,
    ends: eachStored(edge, value, (i, j) => ({
      target: weights.scratch,
      index: placeIn(weights, i32(0), place(i, j), flatOf(panel, channel, column)),
    })),
  });

  const inTiles = [blocks.image, blocks.row, blocks.column];
  const factors = roomForSquares(threads, squares, blocks.tiles * channel.size);
  const images = imageSquares(kernel.label, product, matrices, blocks, {
    thread,
    block: axisValue(block),
    to: (i, j) => ({
      target: factors.scratch,
      index: placeIn(factors, axisValue(thread), place(i, j), flatOf(...inTiles, channel)),
    }),
  });

  const products = roomForSquares(threads, squares, blocks.tiles * width);
  const total = placeholder("f32");
  const multiplied = contractionPhase(
    `${kernel.label}: products`,
    planOfProduct({
      square,
      row: tile,
      lane,
      terms: channel.size,
      left: {
        scratch: factors.scratch,
        start: placeIn(factors, ...valuesOf(thread, square), indexSum([[axisValue(tile), channel.size]])),
        rowStep: channel.size,
        step: 1,
      },
      right: { scratch: weights.scratch, start: placeIn(weights, i32(0), axisValue(square), i32(0)) },
      panel: shape.panel,
      total,
      store: {
        target: products.scratch,
        index: placeIn(
          products,
          ...valuesOf(thread, square),
          indexSum([[axisValue(tile), width], [axisValue(lane), 1]]),
        ),
        value: total,
      },
    }),
    shape,
    { share: thread, threads },
  );

  const results = resultSquares(kernel, product, matrices, blocks, {
    block: axisValue(block),
    from: (i, j) => ({
      source: products.scratch,
      index: placeIn(
        products,
        axisValue(thread),
        place(i, j),
        indexSum([[flatOf(...inTiles), width], [axisValue(lane), 1]]),
      ),
    }),
  });
  const phases = [...images.phases, multiplied.phase, results];
  const phase = blockedPhase({
    label: kernel.label,
    items: blocks.count,
    item: block,
    thread,
    before: [],
    rounds: undefined,
    phases,
    how: `Winograd's ${squares} products for ${size} x ${size} sums, ${blocks.tiles} tiles at a time, ` +
      `sums of ${channel.size}${shape.inSlices ? ", in slices" : ""}`,
  });
  return {
    stages: [[weightPhase], [phase]],
    scratches: [
      weights.scratch,
      factors.scratch,
      products.scratch,
      ...images.scratches,
      ...multiplied.scratches,
    ],
    copies: [],
  };
}
