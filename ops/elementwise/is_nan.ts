/** y = x is NaN */
import { isNan } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const isNanOp: Op<Record<string, never>> = elementwise({
  name: "isNaN",
  accepts: "float",
  result: "bool",
  value: ([x]) => isNan(x),
});

/**
 * Whether `x` is not a number, from its bits; `bool`. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.isNaN(tensor([1, Infinity, NaN])))).data], [0, 0, 1]);
 * ```
 */
export function isNaN(x: Tensor): Tensor {
  return apply(isNanOp, [x], {});
}
