/** y[i] = the product of x[i, r] over r */
import { sizeOf } from "../../engine/shape.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { cumprod } from "../cumulative/cumprod.ts";
import { mul } from "../elementwise/mul.ts";
import { reduce, type ReduceAttrs, type ReduceOptions, reduction, stretch } from "./reduce.ts";
import { reshape } from "../movement/reshape.ts";
import { transpose } from "../movement/transpose.ts";

/** Each element's factor is the product of those before and of those behind it: with a division, zeros would do harm. */
const prodOp: Op<ReduceAttrs> = reduction("prod", "product", (g, { inputs: [x], attrs: { axes } }) => {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const inOrder = transpose(x, order);
  const line = reshape(inOrder, [...g.shape, sizeOf(axes.map((axis) => x.shape[axis]))]);
  const others = mul(
    cumprod(line, -1, { exclusive: true }),
    cumprod(line, -1, { exclusive: true, reverse: true }),
  );
  const back = transpose(reshape(others, inOrder.shape), order.map((_, axis) => order.indexOf(axis)));
  return [mul(back, stretch(g, x, axes))];
});

/**
 * The product over axes (over all when left out); one where there is nothing. Bytes and truth values are counted as int32.
 * The gradient is right beside zeros, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.prod(tensor([[1, 2], [3, 4]]), 0))).data], [3, 8]);
 * ```
 */
export function prod(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(prodOp, x, axes, options);
}
