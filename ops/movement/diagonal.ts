/** y[i, j] = x[i, j, i]: axes that go together become one, and the gradient, which is zero off the diagonal */
import { and, bool, elementConstant, eq, select } from "../../engine/expression/expr.ts";
import type { Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

interface DiagonalAttrs {
  /** For each axis of the larger tensor, the axis of the smaller one that it goes with. */
  readonly places: readonly number[];
  readonly shape: Shape;
}

const diagonalOp: Op<DiagonalAttrs> = {
  name: "diagonal",
  inferShape: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  vjp: (g, { inputs: [x], attrs: { places } }) => [apply(onDiagonalOp, [g], { places, shape: x.shape })],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { places } }) => load(0, places.map((axis) => index[axis])),
  },
  flops: () => 0,
};

const onDiagonalOp: Op<DiagonalAttrs> = {
  name: "onDiagonal",
  inferShape: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  vjp: (g, { inputs: [x], attrs: { places } }) => [apply(diagonalOp, [g], { places, shape: x.shape })],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { places } }) => {
      const first = (axis: number) => index[places.indexOf(axis)];
      const isOn = places.reduce((all, axis, i) => and(all, eq(index[i], first(axis))), bool(true));
      return select(isOn, load(0, x.shape.map((_, axis) => first(axis))), elementConstant(x.dtype, 0));
    },
  },
  flops: () => 0,
};

/** `x` with one axis for all axes of the same label, in the order in which labels first come; those have to be of one size. */
export function diagonalOf(x: Tensor, labels: readonly string[]): { tensor: Tensor; labels: string[] } {
  const own = [...new Set(labels)];
  if (own.length === labels.length) return { tensor: x, labels: own };
  const places = labels.map((label) => own.indexOf(label));
  const shape = own.map((label) => x.shape[labels.indexOf(label)]);
  return { tensor: apply(diagonalOp, [x], { places, shape }), labels: own };
}
