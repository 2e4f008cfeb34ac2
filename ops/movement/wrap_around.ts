/** y[i] = x[(i + offset) mod n] along an axis, as many as wanted, and its gradient */
import { f32 } from "../../engine/expression/expr.ts";
import { indexAdd, indexRem, indexSum } from "../../engine/expression/index_math.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

interface WrapAttrs {
  readonly axis: number;
  /** The place of the first, from 0 up to the size of the axis. */
  readonly offset: number;
  readonly size: number;
}

const wrapOp: Op<WrapAttrs> = {
  name: "wrapAround",
  inferShape: ([x], { axis, size }) => ({
    dtype: x.dtype,
    shape: x.shape.map((n, a) => a === axis ? size : n),
  }),
  vjp: (g, { inputs: [x], attrs: { axis, offset, size } }) => {
    const n = x.shape[axis];
    return [n === size ? wrapAround(g, axis, -offset, n) : apply(unwrapOp, [g], { axis, offset, size: n })];
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { axis, offset } }) =>
      load(0, index.map((e, a) => a === axis ? indexRem(indexAdd(e, offset), x.shape[axis]) : e)),
  },
  flops: () => 0,
  simplify: ({ inputs: [x], attrs: { axis, offset, size } }) =>
    offset === 0 && size === x.shape[axis] ? x : undefined,
};

/** Each element gets the sum of what its copies get. */
const unwrapOp: Op<WrapAttrs> = {
  name: "unwrapped",
  inferShape: ([g], { axis, size }) => ({
    dtype: g.dtype,
    shape: g.shape.map((n, a) => a === axis ? size : n),
  }),
  vjp: (g, { inputs: [x], attrs: { axis, offset } }) => [wrapAround(g, axis, offset, x.shape[axis])],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: ([g], { axis, size }) => [Math.ceil(g.shape[axis] / size)],
    value: ({ index, loadOr, attrs: { axis, offset, size } }, [copy]) => {
      const first = indexRem(indexAdd(index[axis], size - offset), size);
      return loadOr(0, index.map((e, a) => a === axis ? indexSum([[first, 1], [copy, size]]) : e), f32(0));
    },
  },
  flops: ({ inputs: [g] }) => g.size,
};

/** `size` elements along an axis that is not empty, from `offset` on (which may be any whole number), again and again. */
export function wrapAround(x: Tensor, axis: number, offset: number, size: number): Tensor {
  const n = x.shape[axis];
  return apply(wrapOp, [x], { axis, offset: ((offset % n) + n) % n, size });
}
