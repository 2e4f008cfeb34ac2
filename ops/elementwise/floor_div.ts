/** y = trunc(a / b) for integers, stretched to a common shape. */
import { div as divExpr, eq, i32, or, select, sub, u32 } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";

const floorDivOp: Op<Record<string, never>> = elementwise({
  name: "floorDiv",
  accepts: "integer",
  value: ([a, b]) => {
    if (a.type === "u32") return divExpr(a, select(eq(b, u32(0)), u32(1), b));
    // The smallest number has no counterpart above zero, so dividing it by -1 has to go another way.
    const isNegation = eq(b, i32(-1));
    return select(isNegation, sub(i32(0), a), divExpr(a, select(or(isNegation, eq(b, i32(0))), i32(1), b)));
  },
  cost: 4,
});

/**
 * `a / b` of integers, rounded towards zero; a division by zero gives `a`. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.floorDiv(tensor(new Int32Array([7, -7])), 2))).data], [3, -3]);
 * ```
 */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(floorDivOp, a, b);
}
