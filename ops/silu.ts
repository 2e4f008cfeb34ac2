/** y = x sigmoid(x) */
import { add, div, f32, lt, max, mul as mulExpr, select } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { add as plus } from "./add.ts";
import { halfPower } from "./half_power.ts";
import { minimum } from "./minimum.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sigmoid } from "./sigmoid.ts";

const siluOp: Op<Record<string, never>> = elementwise({
  name: "silu",
  accepts: "float",
  value: ([x]) => {
    const power = halfPower(x);
    // From there on down, minus infinity included, the product is zero.
    const below = mulExpr(mulExpr(max(x, f32(-120)), power), power);
    return div(select(lt(x, f32(0)), below, x), add(f32(1), mulExpr(power, power)));
  },
  // d x s(x) / dx = s(x) + x s(x) s(-x); far above, infinity included, the second part is zero.
  vjp: (g, { inputs: [x] }) => [mul(g, plus(sigmoid(x), mul(silu(minimum(x, 120)), sigmoid(neg(x)))))],
  cost: 18,
});

/**
 * `x * sigmoid(x)`, element by element; also called swish.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, silu, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(silu(tensor([0])))).data], [0]);
 * ```
 */
export function silu(x: Tensor): Tensor {
  return apply(siluOp, [x], {});
}
