/** y[..., i, ...] = x[..., indices[i], ...], and its gradient, which adds up where indices repeat */
import { eq, type Expr, f32, i32, max, min, select, toI32, u32 } from "../engine/expr.ts";
import { formatShape, type Shape, sizeOf } from "../engine/shape.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";

/** The nearest index that there is. */
const clampIndex = (found: Expr, size: number): Expr =>
  found.type === "u32" ? toI32(min(found, u32(size - 1))) : max(min(toI32(found), i32(size - 1)), i32(0));

const gatherOp: Op<{ axis: number }> = {
  name: "gather",
  inferShape: ([x, indices], { axis }) => {
    const isInteger = ["int32", "uint32", "uint8"].includes(indices.dtype);
    if (!isInteger || axis < 0 || axis >= x.shape.length || x.shape[axis] === 0) {
      throw new RangeError(
        `Cannot apply gather to ${formatShape(x.shape)} along axis ${axis} with ${indices.dtype} indices: ` +
          `it takes an axis that is there and not empty, and int32, uint32 or uint8 indices`,
      );
    }
    return {
      dtype: x.dtype,
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    };
  },
  vjp: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply(gatherGradientOp, [g, indices], { axis, shape: x.shape }),
    null,
  ],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x, indices], index, load, attrs: { axis } }) => {
      const rank = indices.shape.length;
      const kept = clampIndex(load(1, index.slice(axis, axis + rank)), x.shape[axis]);
      return load(0, [...index.slice(0, axis), kept, ...index.slice(axis + rank)]);
    },
  },
  flops: () => 0,
};

/** For each element, the sum of the gradients at all places that took it. */
const gatherGradientOp: Op<{ axis: number; shape: Shape }> = {
  name: "gatherGradient",
  inferShape: ([g], { shape }) => ({ dtype: g.dtype, shape }),
  vjp: (g, { inputs: [, indices], attrs: { axis } }) => [gather(g, indices, axis), null],
  body: {
    kind: "reduce",
    combine: "sum",
    over: ([, indices]) => indices.shape,
    value: ({ shape, index, load, attrs: { axis } }, over) => {
      const kept = clampIndex(load(1, over), shape[axis]);
      const here = load(0, [...index.slice(0, axis), ...over, ...index.slice(axis + 1)]);
      return select(eq(kept, index[axis]), here, f32(0));
    },
  },
  flops: ({ size, inputs: [, indices] }) => size * sizeOf(indices.shape),
};

/**
 * Slices of `x` along an axis (the first when left out), chosen by integer indices of any shape: the axis is replaced
 * by the shape of the indices. Indices outside are moved to the nearest one inside.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, gather, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(gather(tensor([10, 20, 30]), tensor(new Int32Array([2, 0]))))).data], [30, 10]);
 * ```
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return apply(gatherOp, [x, indices], { axis: axis < 0 ? axis + x.rank : axis });
}
