/** y = ceil(x) */
import { ceil as ceilExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const ceilOp: Op<Record<string, never>> = elementwise({
  name: "ceil",
  accepts: "float",
  value: ([x]) => ceilExpr(x),
});

/**
 * The smallest integer that is not below `x`, element by element. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.ceil(tensor([1.5, -1.5])))).data], [2, -1]);
 * ```
 */
export function ceil(x: Tensor): Tensor {
  return apply(ceilOp, [x], {});
}
