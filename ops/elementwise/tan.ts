/** y = tan x */
import { cos, div, sin } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "./add.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { square } from "./square.ts";

const tanOp: Op<Record<string, never>> = elementwise({
  name: "tan",
  accepts: "float",
  value: ([x]) => div(sin(x), cos(x)),
  vjp: (g, y) => [mul(g, add(square(y), 1))],
  cost: 20,
});

/**
 * The tangent of radians, element by element. As sine and cosine are exact to about 1e-6, so is it, relative to
 * `1 + tan(x)^2`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.tan(tensor([0])))).data], [0]);
 * ```
 */
export function tan(x: Tensor): Tensor {
  return apply(tanOp, [x], {});
}
