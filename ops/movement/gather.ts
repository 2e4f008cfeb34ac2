/** y[..., i, ...] = x[..., indices[i], ...], and its gradient, which adds up where indices repeat */
import type { DType } from "../../engine/array.ts";
import {
  constant,
  elementConstant,
  eq,
  type Expr,
  i32,
  max,
  min,
  select,
  toI32,
  u32,
} from "../../engine/expression/expr.ts";
import { inRange } from "../../engine/expression/index_math.ts";
import { formatShape, normalizeAxis, type Shape } from "../../engine/shape.ts";
import { apply, type Indexed, type Op, type Scatter, type Tensor } from "../../engine/tensor.ts";
import { reshape } from "./reshape.ts";
import { orderOf, orderWithin, transpose } from "./transpose.ts";

/** The nearest index that there is. */
const clampIndex = (found: Expr, size: number): Expr =>
  found.type === "u32" ? toI32(min(found, u32(size - 1))) : max(min(toI32(found), i32(size - 1)), i32(0));

/** Whether an index is one; `uint32` beyond 2^31 are below zero as signed numbers. */
const isInside = (found: Expr, size: number): Expr => inRange(toI32(found), size);

/** What stands for elements that there are not: nothing that could pass for one, as far as a dtype has such. */
const NOWHERE: Record<DType, number> = {
  float32: NaN,
  float16: NaN,
  int32: -(2 ** 31),
  uint32: 2 ** 32 - 1,
  uint8: 255,
  bool: 1,
};

interface GatherAttrs {
  readonly axis: number;
  /** What indices outside give; for indices that are never outside, the element at the nearest one. */
  readonly outside: number | "nearest";
}

const gatherOp: Op<GatherAttrs> = {
  name: "gather",
  inferShape: ([x, indices], { axis }) => {
    const isInteger = ["int32", "uint32", "uint8"].includes(indices.dtype);
    if (!isInteger || x.shape[axis] === 0) {
      throw new RangeError(
        `Cannot apply gather to ${formatShape(x.shape)} along axis ${axis} with ${indices.dtype} indices: ` +
          `it takes an axis that is not empty, and int32, uint32 or uint8 indices`,
      );
    }
    return {
      dtype: x.dtype,
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
    };
  },
  vjp: (g, { inputs: [x, indices], attrs: { axis } }) => [
    apply(scatterSumOp, [g, indices], { axis, shape: x.shape }),
    null,
  ],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x, indices], index, load, attrs: { axis, outside } }) => {
      const rank = indices.shape.length;
      const found = load(1, index.slice(axis, axis + rank));
      const kept = clampIndex(found, x.shape[axis]);
      const element = load(0, [...index.slice(0, axis), kept, ...index.slice(axis + rank)]);
      if (outside === "nearest") return element;
      return select(isInside(found, x.shape[axis]), element, elementConstant(x.dtype, outside));
    },
  },
  flops: () => 0,
  lookup: ({ inputs: [table, indices], attrs: { axis, outside } }) =>
    indexedBy(indices, { table, axis, rows: table.shape[axis], outside }),
};

/** What else can be done with some indices. */
function indexedBy(
  indices: Tensor,
  of: Pick<Indexed, "table" | "axis" | "rows"> & Pick<GatherAttrs, "outside">,
): Indexed {
  const { rows, outside } = of;
  return {
    ...of,
    indices,
    again: (table, axis) => apply(gatherOp, [table, indices], { axis, outside }),
    addUp: (updates, axis) => {
      const { shape } = updates;
      const result = [...shape.slice(0, axis), rows, ...shape.slice(axis + indices.rank)];
      return apply(scatterSumOp, [updates, indices], { axis, shape: result });
    },
    joined: () => indexedBy(reshape(indices, [indices.size]), of),
    inOrder: (order) => indexedBy(transpose(indices, order), of),
  };
}

interface ScatterAttrs {
  readonly axis: number;
  readonly shape: Shape;
}

/** Each element of the updates goes to where its index says; indices outside are equal to none. */
const scatter: Scatter<ScatterAttrs> = {
  axis: ({ axis }) => axis,
  place: ({ load }, over) => toI32(load(1, over)),
  value: ({ index, load, attrs: { axis } }, over) =>
    load(0, [...index.slice(0, axis), ...over, ...index.slice(axis + 1)]),
};

/** For each element, the sum of all updates whose index says so: the gradient of looking up, and `scatterAdd`. */
export const scatterSumOp: Op<ScatterAttrs> = {
  name: "scatterSum",
  inferShape: ([updates], { shape }) => ({ dtype: updates.dtype, shape }),
  vjp: (g, { inputs: [, indices], attrs: { axis } }) => [
    apply(gatherOp, [g, indices], { axis, outside: 0 }),
    null,
  ],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: ([, indices]) => indices.shape,
    value: (context, over) => {
      const update = scatter.value(context, over);
      const isHere = eq(scatter.place(context, over), context.index[context.attrs.axis]);
      return select(isHere, update, constant(update.type, 0));
    },
    scatter,
  },
  flops: ({ inputs: [updates] }) => updates.size,
  simplify: ({ inputs: [updates, indices], attrs }) => {
    const { axis } = attrs;
    const order = orderOf(updates);
    const own = order && orderWithin(order, axis, indices.rank);
    if (!own) return undefined;
    const back = own.map((_, i) => own.indexOf(i));
    return apply(scatterSumOp, [updates.inputs[0], transpose(indices, back)], attrs);
  },
  addsUp: ({ inputs: [, indices], attrs: { axis, shape } }) =>
    indexedBy(indices, { axis, rows: shape[axis], outside: 0 }),
};

/**
 * Slices of `x` along an axis (the first when left out), chosen by integer indices of any shape: the axis is replaced
 * by the shape of the indices.
 *
 * An index that is not from 0 to the size of the axis - 1 can't be refused, as it is only known when the program runs.
 * It gives what can hardly be taken for an element: NaN for floats, -2147483648 for `int32`, 4294967295 for `uint32`,
 * 255 for `uint8` and true for `bool`.
 *
 * @throws {RangeError} when there is no such axis, it is empty, or indices are no `int32`, `uint32` or `uint8`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const indices = tensor(new Int32Array([2, 0, 7]));
 * assertEquals([...(await compute(ops.gather(tensor([10, 20, 30]), indices))).data], [30, 10, NaN]);
 * ```
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return apply(gatherOp, [x, indices], {
    axis: normalizeAxis("gather", x.shape, axis),
    outside: NOWHERE[x.dtype],
  });
}

/** The same along the first axis for indices that are sure to be inside: nothing is done about others. */
export function gatherInside(x: Tensor, indices: Tensor): Tensor {
  return apply(gatherOp, [x, indices], { axis: 0, outside: "nearest" });
}
