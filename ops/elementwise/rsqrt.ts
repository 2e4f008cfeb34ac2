/** y = 1 / sqrt(x) */
import { div, f32, sqrt } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";

const rsqrtOp: Op<Record<string, never>> = elementwise({
  name: "rsqrt",
  accepts: "float",
  value: ([x]) => div(f32(1), sqrt(x)),
  vjp: (g, y) => [mul(g, mul(-0.5, mul(y, mul(y, y))))],
  cost: 8,
});

/**
 * One over the square root, element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.rsqrt(tensor([4])))).data], [0.5]);
 * ```
 */
export function rsqrt(x: Tensor): Tensor {
  return apply(rsqrtOp, [x], {});
}
