/**
 * The two gradients of conv2d, as ops with gradients of their own.
 *
 * To the input: dx[n, r, q, c] = sum of dy[n, i, j, o] w[k, l, c, o] over all i s + k d - p = r (and columns alike).
 * With a stride only every s-th element of a window meets a given row, so rows are split into `s * quotient + rest`
 * and window elements likewise: no zeros are multiplied. For few
 * channels there is another way (`conv2d_shares.ts`).
 *
 * To the weight: dw[k, l, c, o] = sum_{n, i, j} x[n, i s + k d - p, j s + l d - p, c] dy[n, i, j, o].
 */
import type { Expr } from "../engine/expr.ts";
import { indexDiv, indexMul, indexRem, indexSum } from "../engine/index_math.ts";
import { type Shape, sizeOf } from "../engine/shape.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";
import { channelAt, channelLoops, conv2dOp, type ConvAttrs, seenAt, splitChannel } from "./conv2d.ts";
import { gradientInShares } from "./conv2d_shares.ts";
import { zeroPadded } from "./pad.ts";
import { insertZeros, slice } from "./slice.ts";
import type { Windows } from "./window.ts";

interface GradientAttrs extends ConvAttrs {
  /** The shape of the result. */
  readonly shape: Shape;
}

const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);

/** The number x in [0, m) with a x = 1 modulo m, for a and m without a common divisor. */
function inverse(a: number, m: number): number {
  let x = 0;
  while (a * x % m !== 1 % m) x++;
  return x;
}

/** The first window element that meets rows with this rest, as an index. */
function firstElement(rest: Expr, { strides, dilations, before }: Windows, axis: 0 | 1): Expr {
  const s = strides[axis];
  return indexRem(indexMul(indexSum([[rest, 1]], before[axis]), inverse(dilations[axis] % s, s)), s);
}

/** Window element number `turn` of those that meet rows with this rest. */
const elementAt = (rest: Expr, turn: Expr, windows: Windows, axis: 0 | 1) =>
  indexSum([[firstElement(rest, windows, axis), 1], [turn, windows.strides[axis]]]);

/** The window in which that element lies on the row `stride * quotient + rest`. */
function windowAt(quotient: Expr, rest: Expr, turn: Expr, windows: Windows, axis: 0 | 1): Expr {
  const { strides, dilations, before } = windows;
  const first = firstElement(rest, windows, axis);
  const whole = indexDiv(indexSum([[rest, 1], [first, -dilations[axis]]], before[axis]), strides[axis]);
  return indexSum([[quotient, 1], [whole, 1], [turn, -dilations[axis]]]);
}

/** Zeros around a gradient (windows that a pool leaves out) need no products: fewer windows, beginning further in. */
function withoutZeros(dy: Tensor, { windows }: GradientAttrs): { dy: Tensor; windows: Windows } | undefined {
  const inner = zeroPadded(dy);
  if (!inner || inner.x.size === 0 || inner.x.shape[0] !== dy.shape[0] || inner.x.shape[3] !== dy.shape[3]) {
    return undefined;
  }
  const [, ...before] = inner.before;
  const at = (axis: 0 | 1) => windows.before[axis] - before[axis] * windows.strides[axis];
  return { dy: inner.x, windows: { ...windows, before: [at(0), at(1)] } };
}

const inputGradientOp: Op<GradientAttrs> = {
  name: "conv2dInputGradient",
  inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
  vjp: (g, { inputs: [dy, w], attrs: { windows, groups } }) => [
    apply(conv2dOp, [g, w], { windows, groups }),
    conv2dWeightGradient(g, dy, w.shape, { windows, groups }),
  ],
  body: {
    kind: "contraction",
    space: (_inputs, { shape: [n, h, w, c], windows: { strides: [sh, sw] }, groups }) => [
      n,
      h / sh,
      sh,
      w / sw,
      sw,
      ...channelLoops(c, groups),
    ],
    over: ([, w], { windows: { strides }, groups }) => [
      Math.ceil(w.shape[0] / strides[0]),
      Math.ceil(w.shape[1] / strides[1]),
      w.shape[3] / groups,
    ],
    left: ([n, i, restI, j, restJ, ...c], [k, l, o], [, w], { windows, groups }) => ({
      input: 0,
      index: [
        n,
        windowAt(i, restI, k, windows, 0),
        windowAt(j, restJ, l, windows, 1),
        channelAt(splitChannel(c).group, o, w.shape[3] / groups),
      ],
    }),
    right: ([_n, _i, restI, _j, restJ, ...c], [k, l, o], [, w], { windows, groups }) => {
      const { group, within } = splitChannel(c);
      const filter = channelAt(group, o, w.shape[3] / groups);
      return {
        input: 1,
        index: [elementAt(restI, k, windows, 0), elementAt(restJ, l, windows, 1), within, filter],
      };
    },
  },
  flops: ({ inputs: [dy, w] }) => 2 * dy.size * sizeOf(w.shape.slice(0, 3)),
  simplify: ({ inputs: [dy, w], attrs }) => {
    const inner = withoutZeros(dy, attrs);
    if (inner) return apply(inputGradientOp, [inner.dy, w], { ...attrs, windows: inner.windows });
    return gradientInShares(dy, w, attrs.shape, attrs);
  },
};

const weightGradientOp: Op<GradientAttrs> = {
  name: "conv2dWeightGradient",
  inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
  vjp: (g, { inputs: [x, dy], attrs: { windows, groups } }) => [
    conv2dInputGradient(dy, g, x.shape, { windows, groups }),
    apply(conv2dOp, [x, g], { windows, groups }),
  ],
  body: {
    kind: "contraction",
    space: (_inputs, { shape: [k, l, c, o], groups }) => [k, l, c, ...channelLoops(o, groups)],
    over: ([, dy]) => dy.shape.slice(0, 3),
    left: ([k, l, c, ...o], [n, i, j], _inputs, { windows, shape }) => ({
      input: 0,
      index: [
        n,
        seenAt(i, k, windows, 0),
        seenAt(j, l, windows, 1),
        channelAt(splitChannel(o).group, c, shape[2]),
      ],
    }),
    right: ([_k, _l, _c, ...o], [n, i, j], _inputs, { shape, groups }) => {
      const { group, within } = splitChannel(o);
      return { input: 1, index: [n, i, j, channelAt(group, within, shape[3] / groups)] };
    },
  },
  flops: ({ size, inputs: [, dy] }) => 2 * size * sizeOf(dy.shape.slice(0, 3)),
  simplify: ({ inputs: [x, dy], attrs }) => {
    const inner = withoutZeros(dy, attrs);
    return inner && apply(weightGradientOp, [x, inner.dy], { ...attrs, windows: inner.windows });
  },
};

/** The gradient of `conv2d(x, w)` with respect to `x` (of shape `shape`), from `dy`, that of its result. */
export function conv2dInputGradient(
  dy: Tensor,
  w: Tensor,
  shape: Shape,
  { windows, groups }: ConvAttrs,
): Tensor {
  const { strides, dilations } = windows;
  if (([0, 1] as const).some((axis) => divisor(strides[axis], dilations[axis]) !== 1)) {
    // Rests that no window element meets: rare enough to go the plain way, over zeros between the windows.
    const spread = insertZeros(dy, [1, strides[0], strides[1], 1]);
    return conv2dInputGradient(spread, w, shape, { windows: { ...windows, strides: [1, 1] }, groups });
  }
  const [n, height, width, channels] = shape;
  const whole = [
    n,
    Math.ceil(height / strides[0]) * strides[0],
    Math.ceil(width / strides[1]) * strides[1],
    channels,
  ];
  const y = apply(inputGradientOp, [dy, w], { windows, groups, shape: whole });
  return slice(y, [0, 0, 0, 0], shape);
}

/** The gradient of `conv2d(x, w)` with respect to `w` (of shape `shape`), from `dy`, that of its result. */
export function conv2dWeightGradient(
  x: Tensor,
  dy: Tensor,
  shape: Shape,
  { windows, groups }: ConvAttrs,
): Tensor {
  return apply(weightGradientOp, [x, dy], { windows, groups, shape });
}
