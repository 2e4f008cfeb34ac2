/** y[i] = x[0] ... x[i] along an axis */
import type { Op, Tensor } from "../../engine/tensor.ts";
import { type CumulativeOptions, running } from "./cumsum.ts";
import { mul } from "../elementwise/mul.ts";
import { type Course, runningProducts } from "./prefix.ts";
import { recurrenceBackwards } from "./recurrence.ts";

const cumprodOp: Op<Course> = {
  name: "cumprod",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  // No division, so that zeros do no harm: of what comes behind an element, each part is the product of all others.
  vjp: (g, { inputs: [x], attrs }) => {
    const before = cumprod(x, attrs.axis, { exclusive: true, reverse: attrs.reverse });
    return [mul(before, recurrenceBackwards(x, g, attrs))];
  },
  body: { kind: "composite" },
  simplify: ({ inputs: [x], attrs }) => runningProducts(x, attrs),
};

/**
 * The products of all elements up to each one along an axis (the last when left out). Bytes and truth values are counted as
 * int32. The gradient is right beside zeros, too.
 *
 * @throws {TypeError} for float16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.cumprod(tensor([2, 3, 4])))).data], [2, 6, 24]);
 * assertEquals([...(await compute(ops.cumprod(tensor([2, 3, 4]), 0, { reverse: true }))).data], [24, 12, 4]);
 * ```
 */
export function cumprod(x: Tensor, axis = -1, options: CumulativeOptions = {}): Tensor {
  return running(cumprodOp, x, axis, options, 1);
}
