/** Values that are kept in half precision between the ops that compute with them in single precision. */
import { halfToF32, toF32 } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { broadcastIndex } from "./elementwise.ts";
import { amongZeros, zeroPadded } from "../movement/pad.ts";
import { isReshape, reshape } from "../movement/reshape.ts";
import { halfBits } from "./half.ts";

const readHalfOp: Op<Record<string, never>> = {
  name: "readHalf",
  inferShape: ([x]) => ({ dtype: "float32", shape: x.shape }),
  vjp: (g) => [g],
  isWrittenOut: true,
  body: {
    kind: "map",
    elementwise: true,
    value: ({ inputs: [x], index, load }) => halfToF32(load(0, broadcastIndex(x.shape, index))),
  },
  simplify: ({ inputs: [x] }) => belowZeros(readHalfOp, x),
};

const keepHalfOp: Op<Record<string, never>> = {
  name: "keepHalf",
  inferShape: ([x]) => ({ dtype: "float16", shape: x.shape }),
  vjp: (g) => [g],
  body: {
    kind: "map",
    elementwise: true,
    value: ({ inputs: [x], index, load }) => halfBits(toF32(load(0, broadcastIndex(x.shape, index)))),
  },
  compactForm: (kept) => apply(readHalfOp, [kept], {}),
  // Kept before it takes another shape, so that those who need it in the old one read halves, too.
  simplify: ({ inputs: [x] }) =>
    isReshape(x) ? reshape(apply(keepHalfOp, [x.inputs[0]], {}), x.shape) : belowZeros(keepHalfOp, x),
};

/** Zeros are the same in half precision: what they lie around is kept without them, and rounded for all who read it. */
function belowZeros(op: Op<Record<string, never>>, padded: Tensor): Tensor | undefined {
  const inner = zeroPadded(padded);
  return inner && amongZeros(apply(op, [inner.x], {}), inner.before, padded.shape);
}

/** `x` (float32) rounded to half precision; all that needs `x` reads the rounded value, so that `x` is not kept beside it. */
export function keepHalf(x: Tensor): Tensor {
  return apply(readHalfOp, [apply(keepHalfOp, [x], {})], {});
}

const halfGradientOp: Op<Record<string, never>> = {
  name: "halfGradient",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  vjp: (g) => [keepHalf(g)],
  body: { kind: "view" },
  flops: () => 0,
  simplify: ({ inputs: [x] }) => x,
};

/** `x` itself, whose gradient is kept in half precision. */
export function halfGradient(x: Tensor): Tensor {
  return apply(halfGradientOp, [x], {});
}
