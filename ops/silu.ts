/** y = x sigmoid(x) */
import { add, div, exp, f32, neg } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { add as plus } from "./add.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { sub } from "./sub.ts";

const siluOp: Op<Record<string, never>> = elementwise({
  name: "silu",
  accepts: "float",
  value: ([x]) => div(x, add(f32(1), exp(neg(x)))),
  vjp: (g, { inputs: [x] }) => {
    const s = sigmoid(x);
    return [mul(g, mul(s, plus(1, mul(x, sub(1, s)))))];
  },
  cost: 14,
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
