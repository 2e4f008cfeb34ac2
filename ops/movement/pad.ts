/** More elements at the ends of axes: a constant, or the input mirrored at its first and last element */
import { holdsValue, whatItHolds } from "../../engine/element.ts";
import {
  add,
  and,
  elementConstant,
  type Expr,
  f32,
  i32,
  le,
  lt,
  max,
  min,
  select,
} from "../../engine/expression/expr.ts";
import { indexSub, indexSum } from "../../engine/expression/index_math.ts";
import { listOf, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add as addOf } from "../elementwise/add.ts";
import { sum } from "../reduction/reduce.ts";
import { slice } from "./slice.ts";
import { wrapAround } from "./wrap_around.ts";

/** Elements to add before and after each axis. */
export type Padding = readonly (readonly [before: number, after: number])[];

const padOp: Op<{ padding: Padding; value: number }> = {
  name: "pad",
  inferShape: ([x], { padding }) => ({
    dtype: x.dtype,
    shape: x.shape.map((n, axis) => n + padding[axis][0] + padding[axis][1]),
  }),
  vjp: (g, { inputs: [x], attrs: { padding } }) => [slice(g, padding.map(([before]) => before), x.shape)],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, loadOr, attrs: { padding, value } }) =>
      loadOr(
        0,
        index.map((e, axis) => indexSub(e, padding[axis][0])),
        elementConstant(x.dtype, value),
      ),
  },
  flops: () => 0,
  sameSum: (node, axes) => {
    const inner = zeroPadded(node);
    return inner?.before.every((n, axis) =>
        n === 0 && inner.x.shape[axis] === node.shape[axis] || axes.includes(axis)
      )
      ? inner.x
      : undefined;
  },
};

/** What a tensor is with zeros around it, and how many come before it on each axis; `undefined` for others. */
export function zeroPadded(y: Tensor): { x: Tensor; before: number[] } | undefined {
  if (y.op !== padOp as unknown) return undefined;
  const { padding, value } = y.attrs as { padding: Padding; value: number };
  return Object.is(value, 0) ? { x: y.inputs[0], before: padding.map(([before]) => before) } : undefined;
}

/** Elements before and after each axis of a tensor, once it is sure that they are such numbers. */
function readPadding(x: Tensor, padding: Padding): Padding {
  const read = listOf(listOf(whole(), 2), x.rank).read(padding);
  if (read) return read as unknown as Padding;
  throw new RangeError(
    `Cannot apply pad to ${formatShape(x.shape)} with ${JSON.stringify(padding)}: ` +
      `it takes [before, after], not negative, for each axis`,
  );
}

/** `x` as a block of zeros of this shape, from `before` on along each axis. */
export const amongZeros = (x: Tensor, before: Shape, shape: Shape): Tensor =>
  pad(x, shape.map((n, axis) => [before[axis], n - before[axis] - x.shape[axis]]));

/** Elements to add to one axis. */
interface AxisAttrs {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

const reflectOp: Op<AxisAttrs> = {
  name: "padReflect",
  inferShape: ([x], { axis, before, after }) => {
    if (Math.max(before, after) >= x.shape[axis]) {
      throw new RangeError(
        `Cannot apply pad to ${formatShape(x.shape)} with [${before}, ${after}] on axis ${axis}: ` +
          `mirroring gives at most ${x.shape[axis] - 1} elements on each side`,
      );
    }
    return { dtype: x.dtype, shape: x.shape.map((n, a) => a === axis ? n + before + after : n) };
  },
  vjp: (g, { attrs }) => [apply(reflectGradientOp, [g], attrs)],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { axis, before } }) => {
      const at = indexSub(index[axis], before);
      const last = x.shape[axis] - 1;
      const mirrored = select(
        lt(at, i32(0)),
        indexSum([[at, -1]]),
        select(lt(i32(last), at), indexSum([[at, -1]], 2 * last), at),
      );
      return load(0, index.map((e, a) => a === axis ? mirrored : e));
    },
  },
  flops: () => 0,
};

/** Each element gathers the gradients of itself and of its mirror images. */
const reflectGradientOp: Op<AxisAttrs> = {
  name: "padReflectGradient",
  inferShape: ([g], { axis, before, after }) => ({
    dtype: g.dtype,
    shape: g.shape.map((n, a) => a === axis ? n - before - after : n),
  }),
  vjp: (g, { attrs: { axis, before, after } }) => [apply(reflectOp, [g], { axis, before, after })],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ shape, index, load, attrs: { axis, before, after } }) => {
      const i = index[axis];
      const last = shape[axis] - 1;
      const at = (place: Expr) => load(0, index.map((e, a) => a === axis ? place : e));
      const mirrored = (from: number, to: number, place: Expr) =>
        from > to ? f32(0) : select(and(le(i32(from), i), le(i, i32(to))), at(place), f32(0));
      const left = mirrored(1, before, indexSum([[i, -1]], before));
      const right = mirrored(last - after, last - 1, indexSum([[i, -1]], before + 2 * last));
      return add(at(indexSum([[i, 1]], before)), add(left, right));
    },
  },
};

const edgeOp: Op<AxisAttrs> = {
  name: "padEdge",
  inferShape: ([x], { axis, before, after }) => ({
    dtype: x.dtype,
    shape: x.shape.map((n, a) => a === axis ? n + before + after : n),
  }),
  // The first and the last element get what all their copies get.
  vjp: (g, { inputs: [x], attrs: { axis, before, after } }) => {
    const part = (start: number, count: number) =>
      slice(g, x.shape.map((_, a) => a === axis ? start : 0), x.shape.map((n, a) => a === axis ? count : n));
    const toOne = (start: number, count: number, place: number) =>
      amongZeros(
        sum(part(start, count), axis, { keepDims: true }),
        x.shape.map((_, a) => a === axis ? place : 0),
        x.shape,
      );
    const n = x.shape[axis];
    const ends = [
      ...before > 0 ? [toOne(0, before, 0)] : [],
      ...after > 0 ? [toOne(before + n, after, n - 1)] : [],
    ];
    return [ends.reduce(addOf, part(before, n))];
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { axis, before } }) => {
      const nearest = max(min(indexSub(index[axis], before), i32(x.shape[axis] - 1)), i32(0));
      return load(0, index.map((e, a) => a === axis ? nearest : e));
    },
  },
  flops: () => 0,
};

/** How {@linkcode pad} fills: with a number, or from the input itself. */
export type PadMode = number | "reflect" | "edge" | "wrap";

const inModes: Record<"reflect" | "edge" | "wrap", (x: Tensor, attrs: AxisAttrs) => Tensor> = {
  reflect: (x, attrs) => apply(reflectOp, [x], attrs),
  edge: (x, attrs) => apply(edgeOp, [x], attrs),
  wrap: (x, { axis, before, after }) => wrapAround(x, axis, -before, x.shape[axis] + before + after),
};

/**
 * `x` with elements added before and after each axis: `mode` is a number to fill with (0 when left out), `"reflect"` for
 * the input mirrored at its ends (the end itself is not repeated), `"edge"` for its first and last element repeated, or
 * `"wrap"` for the input itself, again and again.
 *
 * @throws {RangeError} when the padding is not two whole numbers from 0 for each axis, the dtype of `x` does not hold the
 * number (300 is no `uint8`), or an empty axis is to be continued.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const x = tensor([1, 2, 3]);
 * assertEquals([...(await compute(ops.pad(x, [[2, 1]], "reflect"))).data], [3, 2, 1, 2, 3, 2]);
 * assertEquals([...(await compute(ops.pad(x, [[2, 1]], "edge"))).data], [1, 1, 1, 2, 3, 3]);
 * assertEquals([...(await compute(ops.pad(x, [[2, 1]], "wrap"))).data], [2, 3, 1, 2, 3, 1]);
 * ```
 */
export function pad(x: Tensor, padding: Padding, mode: PadMode = 0): Tensor {
  const around = readPadding(x, padding);
  if (typeof mode !== "string" || !(mode in inModes)) {
    readValue(`apply pad to ${x.dtype}`, "mode", mode, {
      says: `"reflect", "edge", "wrap" or a number to fill with, and ${whatItHolds(x.dtype)}`,
      read: (value) => holdsValue(x.dtype, value) ? value : undefined,
      isNumeric: true,
    });
    return apply(padOp, [x], { padding: around, value: mode as number });
  }
  return around.reduce((y, [before, after], axis) => {
    if (before + after === 0) return y;
    if (x.shape[axis] === 0) {
      throw new RangeError(
        `Cannot apply pad to ${
          formatShape(x.shape)
        } with ${mode} on axis ${axis}: there is nothing to continue`,
      );
    }
    return inModes[mode](y, { axis, before, after });
  }, x);
}
