/** y = max(a, b), stretched to a common shape; NaN if either is NaN. */
import { exceeds } from "../../engine/expression/reduce_op.ts";
import { isNan, max, select } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { shareExtreme } from "./share_extreme.ts";

const maximumOp: Op<Record<string, never>> = elementwise({
  name: "maximum",
  accepts: "number",
  value: ([a, b]) => a.type === "f32" ? select(isNan(b), b, max(a, b)) : max(a, b),
  vjp: shareExtreme("exceeds", exceeds),
});

/**
 * The larger of `a` and `b`, element by element; NaN if either is. The gradient goes where
 * the result is from, to NaN, too; half to each where both are equal or NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.maximum(tensor([5, -2]), 0))).data], [5, 0]);
 * ```
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(maximumOp, a, b);
}
