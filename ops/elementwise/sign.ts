/** y = -1, 0 or 1 */
import { f32, lt, select } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const signOp: Op<Record<string, never>> = elementwise({
  name: "sign",
  accepts: "float",
  value: ([x]) => select(lt(x, f32(0)), f32(-1), select(lt(f32(0), x), f32(1), x)),
  cost: 2,
});

/**
 * The sign: -1, 0 or 1, element by element; NaN stays NaN. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sign(tensor([3, -2, 0])))).data], [1, -1, 0]);
 * ```
 */
export function sign(x: Tensor): Tensor {
  return apply(signOp, [x], {});
}
