/** y = round(x), halves to even */
import { round as roundExpr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

const roundOp: Op<Record<string, never>> = elementwise({
  name: "round",
  accepts: "float",
  value: ([x]) => roundExpr(x),
});

/**
 * The nearest integer, halves to even, element by element. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.round(tensor([1.6, 2.5])))).data], [2, 2]);
 * ```
 */
export function round(x: Tensor): Tensor {
  return apply(roundOp, [x], {});
}
