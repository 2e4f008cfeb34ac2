/** y[i] = x[start + i * stride], and its gradient, which puts elements back among zeros */
import { and, bool, elementConstant, eq, i32, select } from "../../engine/expression/expr.ts";
import {
  indexAdd,
  indexDiv,
  indexMul,
  indexRem,
  indexSub,
  inRange,
} from "../../engine/expression/index_math.ts";
import { listOf, numberThat, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, MOST_ELEMENTS, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { amongZeros } from "./pad.ts";

interface SliceAttrs {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

const isWithin = (place: number, size: number) => place >= 0 && place < size;

const sliceOp: Op<SliceAttrs> = {
  name: "slice",
  inferShape: ([x], { starts, sizes, strides }) => {
    const fits = x.shape.every((n, i) =>
      starts[i] >= 0 && starts[i] <= n && sizes[i] >= 0 &&
      (sizes[i] === 0 || starts[i] < n && isWithin(starts[i] + (sizes[i] - 1) * strides[i], n))
    );
    if (!fits) {
      throw new RangeError(
        `Cannot apply slice to ${formatShape(x.shape)} from ${formatShape(starts)} with sizes ${
          formatShape(sizes)
        }` +
          `${
            strides.some((s) => s !== 1) ? ` and strides ${formatShape(strides)}` : ""
          }: it leaves the input`,
      );
    }
    return { dtype: x.dtype, shape: sizes };
  },
  vjp: (g, { inputs: [x], attrs }) => [apply(unsliceOp, [g], { ...attrs, shape: x.shape })],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { starts, strides } }) =>
      load(0, index.map((e, axis) => indexAdd(indexMul(e, strides[axis]), starts[axis]))),
  },
  flops: () => 0,
  simplify: ({ inputs: [x], shape, attrs: { strides } }) =>
    shape.every((n, i) => n === x.shape[i] && (n < 2 || strides[i] > 0)) ? x : undefined,
};

/** The elements of the input at the places that a slice takes, zeros elsewhere. */
const unsliceOp: Op<SliceAttrs & { readonly shape: Shape }> = {
  name: "unslice",
  inferShape: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  vjp: (g, { attrs: { starts, sizes, strides } }) => [slice(g, starts, sizes, strides)],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, inputs: [x], load, attrs: { starts, sizes, strides } }) => {
      const steps = strides.map(Math.abs);
      const offsets = index.map((e, axis) => indexMul(indexSub(e, starts[axis]), Math.sign(strides[axis])));
      const inside = offsets.reduce((all, e, axis) => {
        // Taking places below zero modulo a stride would be right too, but they are cut off first.
        const aligned = steps[axis] === 1 ? bool(true) : eq(indexRem(e, steps[axis]), i32(0));
        return and(all, and(inRange(e, (sizes[axis] - 1) * steps[axis] + 1), aligned));
      }, bool(true));
      const none = elementConstant(x.dtype, 0);
      if (inside === bool(false)) return none;
      return select(inside, load(0, offsets.map((e, axis) => indexDiv(e, steps[axis]))), none);
    },
  },
  flops: () => 0,
  simplify: ({ inputs: [x], attrs: { starts, strides, shape } }) =>
    strides.every((s) => s === 1) ? amongZeros(x, starts, shape) : undefined,
};

/**
 * A block of `x`: `sizes[i]` elements from `starts[i]` on along each axis, every `strides[i]`-th of them (1 when left
 * out). A start below zero counts from the end, a stride below zero goes backwards, and a size of -1 goes as far as there
 * are elements. Costs nothing where it is used by other ops. See {@linkcode at} for places as in NumPy.
 *
 * @throws {RangeError} when the block leaves `x`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.slice(tensor([1, 2, 3, 4]), [1], [2]))).data], [2, 3]);
 * assertEquals([...(await compute(ops.slice(tensor([1, 2, 3, 4]), [-1], [-1], [-2]))).data], [4, 2]);
 * ```
 */
export function slice(x: Tensor, starts: Shape, sizes: Shape, strides: Shape = x.shape.map(() => 1)): Tensor {
  const attempt = `apply slice to ${formatShape(x.shape)}`;
  readValue(attempt, "starts", starts, listOf(whole(-MOST_ELEMENTS), x.rank));
  readValue(attempt, "sizes", sizes, listOf(whole(-1), x.rank));
  readValue(attempt, "strides", strides, listOf(strideKind, x.rank));
  const from = starts.map((start, i) => start < 0 ? start + x.shape[i] : start);
  const full = sizes.map((size, i) => {
    if (size !== -1) return size;
    const rest = strides[i] > 0 ? x.shape[i] - from[i] : from[i] + 1;
    return Math.ceil(rest / Math.abs(strides[i]));
  });
  return apply(sliceOp, [x], { starts: from, sizes: full, strides: [...strides] });
}

const strideKind = numberThat(
  "a whole number other than 0",
  (n) => Number.isInteger(n) && n !== 0 && Math.abs(n) < 2 ** 31,
);

/** `x` with `strides[i] - 1` zeros between its elements along each axis. */
export function insertZeros(x: Tensor, strides: Shape): Tensor {
  const shape = x.shape.map((n, axis) => Math.max(0, (n - 1) * strides[axis] + 1));
  return apply(unsliceOp, [x], { starts: x.shape.map(() => 0), sizes: x.shape, strides, shape });
}
