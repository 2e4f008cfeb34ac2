/** The same elements in the same order under another shape */
import { listOf, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, normalizeAxis, sameShape, type Shape, sizeOf } from "../../engine/shape.ts";
import { apply, checkTensors, type Op, type Tensor } from "../../engine/tensor.ts";

const reshapeOp: Op<{ shape: Shape }> = {
  name: "reshape",
  inferShape: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new RangeError(
        `Cannot apply reshape to ${formatShape(x.shape)} as ${formatShape(shape)}: ` +
          `one has ${sizeOf(x.shape)} elements, the other ${sizeOf(shape)}`,
      );
    }
    return { dtype: x.dtype, shape };
  },
  vjp: (g, { inputs: [x] }) => [reshape(g, x.shape)],
  body: { kind: "view" },
  flops: () => 0,
  simplify: ({ inputs: [x], shape }) => sameShape(x.shape, shape) ? x : undefined,
};

/** Sizes of axes, one of which may be what is left. */
const sizesKind = listOf(whole(-1));

/** Whether a tensor is another one under another shape. */
export const isReshape = (x: Tensor): boolean => x.op === reshapeOp as Op<never>;

/**
 * The same elements in the same order under another shape. One size may be -1: it is what is left. Costs nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.reshape(tensor([[1, 2], [3, 4]]), [-1]))).data], [1, 2, 3, 4]);
 * ```
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensors("reshape", [x]);
  readValue("apply reshape", "shape", shape, sizesKind);
  const known = shape.reduce((n, size) => size === -1 ? n : n * size, 1);
  const free = shape.filter((size) => size === -1).length;
  const rest = x.size / known;
  if (free > 1 || free === 1 && !Number.isInteger(rest)) {
    throw new RangeError(
      `Cannot apply reshape to ${formatShape(x.shape)} as ${formatShape(shape)}: ` +
        (free > 1 ? "only one size may be -1" : `${x.size} elements do not divide by ${known}`),
    );
  }
  return apply(reshapeOp, [x], { shape: shape.map((size) => size === -1 ? rest : size) });
}

/**
 * `x` with all axes from `axis` on (1 when left out) joined into one: `[n, h, w, c]` becomes `[n, h * w * c]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.flatten(tensor([[[1], [2]]])))).data], [1, 2]);
 * ```
 */
export function flatten(x: Tensor, axis = 1): Tensor {
  // The axis behind the last one may be named, too: then one of size 1 is added.
  const at = normalizeAxis("flatten", x.shape, axis < 0 ? axis - 1 : axis, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, at), sizeOf(x.shape.slice(at))]);
}
