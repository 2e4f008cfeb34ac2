/** y = min(max(x, low), high) */
import type { DType } from "../engine/array.ts";
import { constant, max, min } from "../engine/expr.ts";
import { anyNumber } from "../engine/option_kinds.ts";
import { readValue } from "../engine/options.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { greaterEqual, lessEqual } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { logicalAnd } from "./logical.ts";
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

/**
 * `x` kept between `low` and `high`, element by element; NaN stays NaN. The gradient passes where nothing was cut.
 *
 * @throws {RangeError} when `low` is above `high`, or there is no whole number between them for whole numbers.
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
  readValue("apply clamp", "low", low, anyNumber);
  readValue("apply clamp", "high", high, anyNumber);
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
