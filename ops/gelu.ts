/** y = x Phi(x), with the distribution function Phi of the standard normal (https://arxiv.org/abs/1606.08415) */
import { add as addExpr, f32, mul as mulExpr } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { add } from "./add.ts";
import { elementwise } from "./elementwise.ts";
import { erf, erfValue } from "./erf.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { square } from "./square.ts";

const geluOp: Op<Record<string, never>> = elementwise({
  name: "gelu",
  accepts: "float",
  value: ([x]) => mulExpr(mulExpr(x, f32(0.5)), addExpr(erfValue(mulExpr(x, f32(Math.SQRT1_2))), f32(1))),
  // d x Phi(x) / dx = Phi(x) + x phi(x)
  vjp: (g, { inputs: [x] }) => {
    const below = mul(0.5, add(1, erf(mul(x, Math.SQRT1_2))));
    const density = mul(1 / Math.sqrt(2 * Math.PI), exp(mul(-0.5, square(x))));
    return [mul(g, add(below, mul(x, density)))];
  },
  cost: 44,
});

/**
 * The Gaussian error linear unit (the exact one, not its tanh approximation), element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, gelu, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(gelu(tensor([0, 10])))).data], [0, 10]);
 * ```
 */
export function gelu(x: Tensor): Tensor {
  return apply(geluOp, [x], {});
}
