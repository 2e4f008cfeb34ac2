/** y = -x */
import { neg as negExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const negOp: Op<Record<string, never>> = elementwise({
  name: "neg",
  accepts: "number",
  value: ([x]) => negExpr(x),
  vjp: (g) => [neg(g)],
});

/**
 * `-x`, element by element (float32, int32).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.neg(tensor([1, -2])))).data], [-1, 2]);
 * ```
 */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [x], {});
}
