/** y = min(max(x, low), high) */
import { constant, type Expr, max, min, type ScalarType } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { greaterEqual, lessEqual } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { logicalAnd } from "./logical.ts";
import { where } from "./where.ts";

/** An end as a number of that type; of whole numbers, the nearest one that there is. */
function end(type: ScalarType, value: number): Expr {
  const least = type === "i32" ? -(2 ** 31) : 0;
  const most = type === "i32" ? 2 ** 31 - 1 : 2 ** 32 - 1;
  return constant(type, type === "f32" ? value : Math.min(Math.max(value, least), most));
}

const clampOp: Op<{ low: number; high: number }> = elementwise({
  name: "clamp",
  accepts: "number",
  value: ([x], { low, high }) => min(max(x, end(x.type, low)), end(x.type, high)),
  vjp: (g, { inputs: [x], attrs: { low, high } }) => [
    where(logicalAnd(greaterEqual(x, low), lessEqual(x, high)), g, 0),
  ],
  cost: 2,
});

/**
 * `x` kept between `low` and `high`, element by element; NaN stays NaN. The gradient passes where nothing was cut.
 *
 * @throws {RangeError} when `low` is above `high`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clamp, compute, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(clamp(tensor([-5, 0.5, 5]), 0, 1))).data], [0, 0.5, 1]);
 * ```
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  if (!(low <= high)) {
    throw new RangeError(`Cannot clamp to [${low}, ${high}]: the low end is above the high end`);
  }
  return apply(clampOp, [x], { low, high });
}
