/** y = x sigmoid(x) */
import {
  add,
  div,
  type Expr,
  f32,
  lt,
  max,
  min,
  mul as mulExpr,
  select,
} from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { clamp } from "./clamp.ts";
import { elementwise } from "./elementwise.ts";
import { halfPower } from "./half_power.ts";
import { mul } from "./mul.ts";
import { sigmoidSlope } from "./sigmoid.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";

/** From here on, infinity included, x e^-|x| is zero. */
const END = 120;

/** With e = e^-|x|: 1 + e, and e times another number that is as large as x. */
function partsOf(x: Expr): { whole: Expr; times: (factor: Expr) => Expr } {
  const power = halfPower(x);
  return {
    whole: add(f32(1), mulExpr(power, power)),
    times: (factor) => mulExpr(mulExpr(factor, power), power),
  };
}

const siluOp: Op<Record<string, never>> = elementwise({
  name: "silu",
  accepts: "float",
  value: ([x]) => {
    const { whole, times } = partsOf(x);
    return div(select(lt(x, f32(0)), times(max(x, f32(-END))), x), whole);
  },
  vjp: (g, { inputs: [x] }) => [mul(g, apply(slopeOp, [x], {}))],
  cost: 18,
});

/** d x s(x) / dx = s(x) + x s(x) s(-x) */
const slopeOp: Op<Record<string, never>> = elementwise({
  name: "siluSlope",
  accepts: "float",
  value: ([x]) => {
    const { whole, times } = partsOf(x);
    const share = select(lt(x, f32(0)), times(f32(1)), f32(1));
    const slope = div(times(min(max(x, f32(-END)), f32(END))), whole);
    return div(add(share, slope), whole);
  },
  vjp: (g, { inputs: [x] }) => [
    mul(g, mul(sigmoidSlope(x), sub(2, mul(clamp(x, -END, END), tanh(mul(x, 0.5)))))),
  ],
  cost: 22,
});

/**
 * `x * sigmoid(x)`, element by element; also called swish.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.silu(tensor([0])))).data], [0]);
 * ```
 */
export function silu(x: Tensor): Tensor {
  return apply(siluOp, [x], {});
}
