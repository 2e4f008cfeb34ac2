/** y = ln(sum(e^x)) over axes */
import type { Op, Tensor } from "../../engine/tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { reduce, type ReduceAttrs, type ReduceOptions, reduction, stretch } from "./reduce.ts";
import { softmaxOver } from "./softmax.ts";

const logSumExpOp: Op<ReduceAttrs> = reduction(
  "logSumExp",
  "logSumExp",
  (g, { inputs: [x], attrs: { axes } }) => [mul(stretch(g, x, axes), softmaxOver(x, axes))],
);

/**
 * `ln(sum(e^x))` over axes (over all when left out), without overflow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.logSumExp(tensor([1000, -1000])))).data], [1000]);
 * ```
 */
export function logSumExp(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(logSumExpOp, x, axes, options);
}
