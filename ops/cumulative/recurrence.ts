/** y[i] = a[i] y[i - 1] + b[i] along an axis, from y[0] = b[0] */
import { flag } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape, normalizeAxis, sameShape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { scan } from "../control/scan.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { zeros } from "../creation/full.ts";
import { shiftAlong } from "../movement/shift_along.ts";
import { transpose } from "../movement/transpose.ts";
import { type Course, runningValues } from "./prefix.ts";

const recurrenceOp: Op<Course> = {
  name: "recurrence",
  inferShape: ([, b]) => ({ dtype: b.dtype, shape: b.shape }),
  vjp: (g, y) => {
    const { inputs: [a], attrs } = y;
    const toB = recurrenceBackwards(a, g, attrs);
    return [mul(toB, shiftAlong(y, attrs, 0)), toB];
  },
  body: { kind: "composite" },
  simplify: ({ inputs: [a, b], attrs }, rows) =>
    rows && isWide(b, attrs) ? oneAfterAnother(a, b, attrs) : runningValues(a, b, attrs),
};

/** So many lines side by side keep a core busy with one element of each. */
const FEWEST_LINES = 64;

const isWide = ({ shape, size }: Tensor, { axis }: Course): boolean =>
  shape[axis] > 1 && size / shape[axis] >= FEWEST_LINES;

/** Each element from the one before it: the least work, where other lines are enough to do at a time. */
function oneAfterAnother(a: Tensor, b: Tensor, { axis, reverse }: Course): Tensor {
  const others = b.shape.map((_, i) => i).filter((i) => i !== axis);
  const inFront = [axis, ...others];
  const { ys } = scan(({ y }, { a, b }) => {
    const next = add(mul(a, y), b);
    return { carry: { y: next }, ys: { y: next } };
  }, {
    carry: { y: zeros(others.map((i) => b.shape[i])) },
    xs: { a: transpose(a, inFront), b: transpose(b, inFront) },
    reverse,
  });
  return transpose(ys.y, b.shape.map((_, i) => inFront.indexOf(i)));
}

/** y[i] = a[i + 1] y[i + 1] + b[i], against a course: what a recurrence along it hands on to where it comes from. */
export function recurrenceBackwards(a: Tensor, b: Tensor, { axis, reverse }: Course): Tensor {
  const back = { axis, reverse: !reverse };
  return apply(recurrenceOp, [shiftAlong(a, back, 0), b], back);
}

/** Options of {@linkcode recurrence}. */
export interface RecurrenceOptions {
  /**
   * Whether it goes from the last element to the first.
   *
   * @default {false}
   */
  readonly reverse?: boolean;
}

/**
 * `y[i] = a[i] y[i - 1] + b[i]` along an axis, from `y[0] = b[0]`: moving averages, and recurrent layers whose gates do not see
 * the state. It need not go from element to element: such steps can be joined in any order, so that a GPU takes some steps more for
 * four times the elements. Nothing is divided, so that small factors do no harm.
 *
 * @param a Factors, float32.
 * @param b What is added, float32, of the same shape.
 * @param axis The axis; the last when left out.
 * @throws {TypeError} when one is not float32.
 * @throws {RangeError} when shapes differ, or there is no such axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = ops.recurrence(tensor([0.5, 0.5, 0.5]), tensor([1, 1, 1]));
 * assertEquals([...(await compute(y)).data], [1, 1.5, 1.75]);
 * ```
 */
export function recurrence(a: Tensor, b: Tensor, axis = -1, options: RecurrenceOptions = {}): Tensor {
  const { reverse } = pickOptions("apply recurrence", options, { reverse: optional(flag, false) });
  const received = `${a.dtype} ${formatShape(a.shape)} and ${b.dtype} ${formatShape(b.shape)}`;
  if (a.dtype !== "float32" || b.dtype !== "float32") {
    throw new TypeError(`Cannot apply recurrence to ${received}: it takes float32 (see cast)`);
  }
  if (!sameShape(a.shape, b.shape)) {
    throw new RangeError(`Cannot apply recurrence to ${received}: their shapes have to be equal`);
  }
  return apply(recurrenceOp, [a, b], { axis: normalizeAxis("recurrence", b.shape, axis), reverse });
}
