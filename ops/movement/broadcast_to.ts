/** y[..., i, j] = x[i or 0, j or 0] */
import { shapeKind } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { broadcastIndex } from "../elementwise/elementwise.ts";
import { sumTo } from "../elementwise/sum_to.ts";

const broadcastToOp: Op<{ shape: Shape }> = {
  name: "broadcastTo",
  inferShape: ([x], { shape }) => {
    const common = broadcastShapes(x.shape, shape);
    if (!common || !sameShape(common, shape)) {
      throw new RangeError(
        `Cannot apply broadcastTo to ${formatShape(x.shape)} as ${formatShape(shape)}: ` +
          `sizes have to be equal or 1, counted from the last axis`,
      );
    }
    return { dtype: x.dtype, shape };
  },
  vjp: (g, { inputs: [x] }) => [sumTo(g, x.shape)],
  body: {
    kind: "map",
    elementwise: true,
    value: ({ inputs: [x], index, load }) => load(0, broadcastIndex(x.shape, index)),
  },
  flops: () => 0,
  simplify: ({ inputs: [x], shape }) => sameShape(x.shape, shape) ? x : undefined,
};

/**
 * `x` stretched to a shape: axes of size 1 are repeated, missing leading axes are added.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.broadcastTo(tensor([1, 2]), [2, 2]))).data], [1, 2, 1, 2]);
 * ```
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return apply(broadcastToOp, [x], { shape: readValue("apply broadcastTo", "shape", shape, shapeKind) });
}
