/** y = x is neither infinite nor NaN */
import { and, bitsOfF32, lt, u32 } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const isFiniteOp: Op<Record<string, never>> = elementwise({
  name: "isFinite",
  accepts: "float",
  result: "bool",
  value: ([x]) => lt(and(bitsOfF32(x), u32(0x7f800000)), u32(0x7f800000)),
  cost: 2,
});

/**
 * Whether `x` is neither infinite nor NaN, from its bits; `bool`. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.isFinite(tensor([1, Infinity, NaN])))).data], [1, 0, 0]);
 * ```
 */
export function isFinite(x: Tensor): Tensor {
  return apply(isFiniteOp, [x], {});
}
