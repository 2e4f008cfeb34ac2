/** y = a - b * trunc(a / b) for integers, stretched to a common shape. */
import { constant, eq, i32, or, rem, select } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";

const modOp: Op<Record<string, never>> = elementwise({
  name: "mod",
  accepts: "integer",
  value: ([a, b]) => {
    const [zero, one] = [constant(b.type, 0), constant(b.type, 1)];
    // By 0 and by -1 the remainder is 0, as by 1.
    const isTrivial = b.type === "i32" ? or(eq(b, i32(-1)), eq(b, zero)) : eq(b, zero);
    return rem(a, select(isTrivial, one, b));
  },
  cost: 4,
});

/**
 * The remainder of `a / b` of integers, with the sign of `a`; zero where `b` is zero. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.mod(tensor(new Int32Array([7, -7])), 4))).data], [3, -3]);
 * ```
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(modOp, a, b);
}
