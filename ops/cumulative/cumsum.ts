/** y[i] = x[0] + ... + x[i] along an axis */
import { flag } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { normalizeAxis } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { cast } from "../elementwise/cast.ts";
import { type Course, runningSums } from "./prefix.ts";
import { shiftAlong } from "../movement/shift_along.ts";

/** Options of {@linkcode cumsum} and {@linkcode cumprod}. */
export interface CumulativeOptions {
  /**
   * Whether an element's own value is left out, so that the first result is that of nothing.
   *
   * @default {false}
   */
  readonly exclusive?: boolean;
  /**
   * Whether it goes from the last element to the first.
   *
   * @default {false}
   */
  readonly reverse?: boolean;
}

const cumsumOp: Op<Course> = {
  name: "cumsum",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  vjp: (g, { attrs: { axis, reverse } }) => [cumsum(g, axis, { reverse: !reverse })],
  body: { kind: "composite" },
  simplify: ({ inputs: [x], attrs }) => runningSums(x, attrs),
};

const runningOptions = { exclusive: optional(flag, false), reverse: optional(flag, false) };

/** Applies a running op as a person asks for it: bytes and truth values are counted as integers. */
export function running(
  op: Op<Course>,
  x: Tensor,
  along: number,
  options: CumulativeOptions,
  first: number,
): Tensor {
  const axis = normalizeAxis(op.name, x.shape, along);
  const { exclusive, reverse } = pickOptions(`apply ${op.name}`, options, runningOptions);
  if (x.dtype === "float16") {
    throw new TypeError(`Cannot apply ${op.name} to float16: it takes all other dtypes (see cast)`);
  }
  const course = { axis, reverse };
  const numbers = x.dtype === "bool" || x.dtype === "uint8" ? cast(x, "int32") : x;
  return apply(op, [exclusive ? shiftAlong(numbers, course, first) : numbers], course);
}

/**
 * The sums of all elements up to each one along an axis (the last when left out). Bytes and truth values are counted as
 * int32. An axis of a million elements takes seven kernels.
 *
 * @throws {TypeError} for float16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.cumsum(tensor([1, 2, 3])))).data], [1, 3, 6]);
 * assertEquals([...(await compute(ops.cumsum(tensor([1, 2, 3]), 0, { exclusive: true }))).data], [0, 1, 3]);
 * ```
 */
export function cumsum(x: Tensor, axis = -1, options: CumulativeOptions = {}): Tensor {
  return running(cumsumOp, x, axis, options, 0);
}
