/** y = max(x, 0) */
import { f32, max } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { lessEqual } from "./compare.ts";
import { where } from "./where.ts";

const reluOp: Op<Record<string, never>> = elementwise({
  name: "relu",
  accepts: "float",
  isRising: true,
  value: ([x]) => max(x, f32(0)),
  vjp: (g, y) => [where(lessEqual(y, 0), 0, g)],
});

/**
 * The rectified linear unit: `x` where it is positive, else zero; NaN stays NaN. The gradient at zero is zero; it
 * passes to NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.relu(tensor([1, -2])))).data], [1, 0]);
 * ```
 */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], {});
}
