/** y = floor(x) */
import { floor as floorExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const floorOp: Op<Record<string, never>> = elementwise({
  name: "floor",
  accepts: "float",
  value: ([x]) => floorExpr(x),
});

/**
 * The largest integer that is not above `x`, element by element. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.floor(tensor([1.5, -1.5])))).data], [1, -2]);
 * ```
 */
export function floor(x: Tensor): Tensor {
  return apply(floorOp, [x], {});
}
