/** y[i] = a[i] y[i - 1] + b[i] along an axis, from y[0] = b[0] */
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { mul } from "./mul.ts";
import { runningValues } from "./prefix.ts";
import { reverse } from "./reverse.ts";
import { shiftAlong } from "./shift_along.ts";

const recurrenceOp: Op<{ axis: number }> = {
  name: "recurrence",
  inferShape: ([, b]) => ({ dtype: b.dtype, shape: b.shape }),
  vjp: (g, y) => {
    const { inputs: [a], attrs: { axis } } = y;
    const toB = recurrenceBackwards(a, g, axis);
    return [mul(toB, shiftAlong(y, axis, 0)), toB];
  },
  body: { kind: "composite" },
  simplify: ({ inputs: [a, b], attrs: { axis } }) => runningValues(a, b, axis),
};

/** y[i] = a[i + 1] y[i + 1] + b[i], from the last one on: what a recurrence hands on to where it comes from. */
export function recurrenceBackwards(a: Tensor, b: Tensor, axis: number): Tensor {
  const factors = shiftAlong(reverse(a, axis), axis, 0);
  return reverse(apply(recurrenceOp, [factors, reverse(b, axis)], { axis }), axis);
}
