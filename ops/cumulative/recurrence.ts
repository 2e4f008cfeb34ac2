/** y[i] = a[i] y[i - 1] + b[i] along an axis, from y[0] = b[0] */
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { type Course, runningValues } from "./prefix.ts";
import { shiftAlong } from "../movement/shift_along.ts";

const recurrenceOp: Op<Course> = {
  name: "recurrence",
  inferShape: ([, b]) => ({ dtype: b.dtype, shape: b.shape }),
  vjp: (g, y) => {
    const { inputs: [a], attrs } = y;
    const toB = recurrenceBackwards(a, g, attrs);
    return [mul(toB, shiftAlong(y, attrs, 0)), toB];
  },
  body: { kind: "composite" },
  simplify: ({ inputs: [a, b], attrs }) => runningValues(a, b, attrs),
};

/** y[i] = a[i + 1] y[i + 1] + b[i], against a course: what a recurrence along it hands on to where it comes from. */
export function recurrenceBackwards(a: Tensor, b: Tensor, { axis, reverse }: Course): Tensor {
  const back = { axis, reverse: !reverse };
  return apply(recurrenceOp, [shiftAlong(a, back, 0), b], back);
}
