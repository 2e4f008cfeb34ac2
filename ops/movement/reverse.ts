/** y[i] = x[size - 1 - i] along axes */
import { indexSum } from "../../engine/expression/index_math.ts";
import { normalizeAxes } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

const reverseOp: Op<{ axes: readonly number[] }> = {
  name: "reverse",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  vjp: (g, { attrs: { axes } }) => [reverse(g, axes)],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ shape, index, load, attrs: { axes } }) =>
      load(0, index.map((e, axis) => axes.includes(axis) ? indexSum([[e, -1]], shape[axis] - 1) : e)),
  },
  flops: () => 0,
};

/**
 * `x` turned round along axes (all when left out).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.reverse(tensor([1, 2, 3])))).data], [3, 2, 1]);
 * ```
 */
export function reverse(x: Tensor, axes?: number | readonly number[]): Tensor {
  return apply(reverseOp, [x], { axes: normalizeAxes("reverse", x.shape, axes) });
}
