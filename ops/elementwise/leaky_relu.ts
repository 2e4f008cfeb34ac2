/** y = x where x > 0, else slope * x */
import { f32, lt, mul as mulExpr, select } from "../../engine/expression/expr.ts";
import { finite } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { greater } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

const leakyReluOp: Op<{ slope: number }> = elementwise({
  name: "leakyRelu",
  accepts: "float",
  value: ([x], { slope }) => select(lt(f32(0), x), x, mulExpr(x, f32(slope))),
  vjp: (g, { inputs: [x], attrs: { slope } }) => [where(greater(x, 0), g, mul(g, slope))],
  cost: 2,
});

/**
 * `x` where it is positive, else `slope * x` (0.2 when left out), element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.leakyRelu(tensor([4, -4]), 0.25))).data], [4, -1]);
 * ```
 */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return apply(leakyReluOp, [x], { slope: readValue("apply leakyRelu", "slope", slope, finite) });
}
