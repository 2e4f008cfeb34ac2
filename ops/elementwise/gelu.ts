/** y = x Phi(x), with the distribution function Phi of the standard normal (https://arxiv.org/abs/1606.08415) */
import { abs, type Expr, f32, lt, max, mul as mulExpr, select, sub } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "./add.ts";
import { elementwise } from "./elementwise.ts";
import { scaledTail } from "./erf.ts";
import { endingProduct, gaussian, GAUSSIAN_END, gaussianValue } from "./gaussian.ts";
import { mul } from "./mul.ts";

/** Phi(x), from the tail on the side of x, so that it is exact in relative terms far below zero, too. */
function distribution(x: Expr): Expr {
  const tail = mulExpr(
    mulExpr(gaussianValue(x, 0.5), f32(0.5)),
    scaledTail(mulExpr(abs(x), f32(Math.SQRT1_2))),
  );
  return select(lt(f32(0), x), sub(f32(1), tail), tail);
}

const distributionOp: Op<Record<string, never>> = elementwise({
  name: "normalDistribution",
  accepts: "float",
  value: ([x]) => distribution(x),
  vjp: (g, { inputs: [x] }) => [mul(g, density(x))],
  cost: 40,
});

const density = (x: Tensor) => mul(1 / Math.sqrt(2 * Math.PI), gaussian(x, 0.5));

const geluOp: Op<Record<string, never>> = elementwise({
  name: "gelu",
  accepts: "float",
  // From there on down, minus infinity included, the product is zero.
  value: ([x]) => mulExpr(max(x, f32(-GAUSSIAN_END)), distribution(x)),
  // d x Phi(x) / dx = Phi(x) + x phi(x)
  vjp: (
    g,
    { inputs: [x] },
  ) => [mul(g, add(apply(distributionOp, [x], {}), mul(endingProduct(x), density(x))))],
  cost: 42,
});

/**
 * The Gaussian error linear unit (the exact one, not its tanh approximation), element by element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.gelu(tensor([0, 10])))).data], [0, 10]);
 * ```
 */
export function gelu(x: Tensor): Tensor {
  return apply(geluOp, [x], {});
}
