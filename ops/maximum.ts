/** y = max(a, b), stretched to a common shape; NaN if either is NaN. */
import { isNan, max, select } from "../engine/expr.ts";
import type { Op, Tensor } from "../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { greater } from "./compare.ts";
import { shareExtreme } from "./share_extreme.ts";

const maximumOp: Op<Record<string, never>> = elementwise({
  name: "maximum",
  accepts: "number",
  value: ([a, b]) => a.type === "f32" ? select(isNan(b), b, max(a, b)) : max(a, b),
  vjp: (g, { inputs: [a, b] }) => shareExtreme(g, a, b, greater(a, b)),
});

/**
 * The larger of `a` and `b`, element by element; NaN if either is. Where both are equal, half of the gradient goes to each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, maximum, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(maximum(tensor([5, -2]), 0))).data], [5, 0]);
 * ```
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return applyLifted(maximumOp, a, b);
}
