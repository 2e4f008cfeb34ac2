/** y = min(max(x, low), high) */
import type { DType } from "../../engine/array.ts";
import { constant, type Expr, isNan, max, min, select } from "../../engine/expression/expr.ts";
import { anyNumber } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, Tensor } from "../../engine/tensor.ts";
import { greater, greaterEqual, less, lessEqual } from "./compare.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";
import { logicalAnd, logicalOr } from "./logical.ts";
import { sumTo } from "./sum_to.ts";
import { where } from "./where.ts";

/**
 * Both ends as numbers that the dtype holds: rounded, and of whole numbers those that are not outside. An end beyond
 * what the dtype holds cuts nothing off.
 */
function endsFor(dtype: DType, low: number, high: number): { low: number; high: number } {
  if (dtype !== "int32" && dtype !== "uint32") return { low: Math.fround(low), high: Math.fround(high) };
  const [least, most] = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const held = (end: number) => Math.min(Math.max(end, least), most);
  return { low: held(Math.ceil(low)), high: held(Math.floor(high)) };
}

const clampOp: Op<{ low: number; high: number }> = elementwise({
  name: "clamp",
  accepts: "number",
  value: ([x], { low, high }) => min(max(x, constant(x.type, low)), constant(x.type, high)),
  vjp: (g, { inputs: [x], attrs: { low, high } }) => [
    where(logicalAnd(greaterEqual(x, low), lessEqual(x, high)), g, 0),
  ],
  cost: 2,
});

/** NaN from any side stays. */
const keepNan = (pick: (a: Expr, b: Expr) => Expr, a: Expr, b: Expr) =>
  b.type === "f32" ? select(isNan(b), b, pick(a, b)) : pick(a, b);

/** The same between ends that differ from element to element; the high end wins where it is below the low one. */
const clampToOp: Op<Record<string, never>> = elementwise({
  name: "clamp",
  accepts: "number",
  value: ([x, low, high]) => keepNan(min, keepNan(max, x, low), high),
  vjp: (g, { inputs: [x, low, high] }) => [
    sumTo(where(logicalAnd(greaterEqual(x, low), lessEqual(x, high)), g, 0), x.shape),
    sumTo(where(logicalAnd(less(x, low), lessEqual(low, high)), g, 0), low.shape),
    sumTo(where(logicalOr(greater(x, high), less(high, low)), g, 0), high.shape),
  ],
  cost: 2,
});

function clampTo(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  const lowEnd = typeof low === "number" ? endsFor(x.dtype, low, Infinity).low : low;
  const highEnd = typeof high === "number" ? endsFor(x.dtype, -Infinity, high).high : high;
  return applyLifted(clampToOp, x, lowEnd, highEnd);
}

/**
 * `x` kept between `low` and `high`, element by element; NaN stays NaN. The ends are numbers, or tensors that shapes are
 * stretched to fit; where a tensor's low end is above the high one, the high one is given. The gradient passes where
 * nothing was cut, else it goes to the end that took the place of `x`.
 *
 * @throws {RangeError} when two numbers are given and `low` is above `high`, or there is no whole number between them for
 * whole numbers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.clamp(tensor([-5, 0.5, 5]), 0, 1))).data], [0, 0.5, 1]);
 * assertEquals([...(await compute(ops.clamp(tensor([-5, 0.5, 5]), tensor([-9, 1, 1]), 2))).data], [-5, 1, 2]);
 * ```
 */
export function clamp(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  if (!(low instanceof Tensor)) readValue("apply clamp", "low", low, anyNumber);
  if (!(high instanceof Tensor)) readValue("apply clamp", "high", high, anyNumber);
  if (low instanceof Tensor || high instanceof Tensor) return clampTo(x, low, high);
  if (low > high) {
    throw new RangeError(`Cannot clamp to [${low}, ${high}]: the low end is above the high end`);
  }
  const ends = endsFor(x.dtype, low, high);
  if (ends.low > ends.high) {
    throw new RangeError(
      `Cannot clamp ${x.dtype} to [${low}, ${high}]: there is no whole number between them`,
    );
  }
  return apply(clampOp, [x], ends);
}
