/** y = x, without a gradient */
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

const stopGradientOp: Op<Record<string, never>> = {
  name: "stopGradient",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  body: { kind: "view" },
  flops: () => 0,
};

/**
 * The same values, which count as constant when gradients are taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.stopGradient(tensor([1, 2])))).data], [1, 2]);
 * ```
 */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], {});
}
