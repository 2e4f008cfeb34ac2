/** y[n, i, j, c] = x[n, i + rows[n], j + columns[n], c], mirrored at the edges */
import { abs, type Expr, i32, min, sub } from "../../engine/expression/expr.ts";
import { indexAdd } from "../../engine/expression/index_math.ts";
import { formatShape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

/** A place mirrored at 0 and at `size - 1`, for places that are less than `size` outside. */
function mirrored(place: Expr, size: number): Expr {
  const distance = abs(place);
  return min(distance, sub(i32(2 * (size - 1)), distance));
}

const shiftOp: Op<Record<string, never>> = {
  name: "shiftImages",
  inferShape: ([x, rows, columns]) => {
    const isOffset = (t: typeof rows) =>
      t.dtype === "int32" && t.shape.length === 1 && t.shape[0] === x.shape[0];
    if (x.shape.length !== 4 || !isOffset(rows) || !isOffset(columns)) {
      throw new TypeError(
        `Cannot apply shiftImages to ${formatShape(x.shape)} with ${rows.dtype} ${
          formatShape(rows.shape)
        } and ` +
          `${columns.dtype} ${
            formatShape(columns.shape)
          }: it takes images and an int32 [batch] for each direction`,
      );
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index: [n, i, j, c], shape, load }) => {
      const row = mirrored(indexAdd(i, load(1, [n])), shape[1]);
      const column = mirrored(indexAdd(j, load(2, [n])), shape[2]);
      return load(0, [n, row, column, c]);
    },
  },
  flops: () => 0,
};

/**
 * Images `[batch, height, width, channels]` moved by whole pixels, each by its own offsets (int32 `[batch]`, smaller
 * than the image). What comes in at an edge is the image mirrored there. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const [down, right] = [tensor(new Int32Array([0])), tensor(new Int32Array([-1]))];
 * const moved = ops.shiftImages(tensor([[[[1], [2], [3]]]]), down, right);
 * assertEquals([...(await compute(moved)).data], [2, 1, 2]);
 * ```
 */
export function shiftImages(x: Tensor, rows: Tensor, columns: Tensor): Tensor {
  return apply(shiftOp, [x, rows, columns], {});
}
