/** y = min(a, b), stretched to a common shape; NaN if either is NaN. */
import { undercuts } from "../../engine/expression/reduce_op.ts";
import { isNan, min, select } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { shareExtreme } from "./share_extreme.ts";

const minimumOp: Op<Record<string, never>> = elementwise({
  name: "minimum",
  accepts: "number",
  value: ([a, b]) => a.type === "f32" ? select(isNan(b), b, min(a, b)) : min(a, b),
  vjp: shareExtreme("undercuts", undercuts),
});

/**
 * The smaller of `a` and `b`, element by element; NaN if either is. The gradient goes where
 * the result is from, to NaN, too; half to each where both are equal or NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.minimum(tensor([5, -2]), 0))).data], [0, -2]);
 * ```
 */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(minimumOp, a, b);
}
