/**
 * y[n, i, j, o] = sum_{k, l, c} x[n, i s + k d - p, j s + l d - p, c] w[k, l, c, o], over any number of axes like i and j;
 * and both gradients, as ops with gradients of their own.
 *
 * Images are `[batch, height, width, channels]`, weights `[height, width, channels in, channels out]`; this is the
 * cross-correlation that deep learning calls convolution. With groups, channels are split into as many blocks, and each
 * block of outputs sees one block of inputs.
 *
 * To the input: dx[n, r, q, c] = sum of dy[n, i, j, o] w[k, l, c, o] over all i s + k d - p = r (and columns alike).
 * With a stride only every s-th element of a window meets a given row, so rows are split into `s * quotient + rest`
 * and window elements likewise: no zeros are multiplied. For few channels there is another way
 * (`convolution_shares.ts`).
 *
 * To the weight: dw[k, l, c, o] = sum_{n, i, j} x[n, i s + k d - p, j s + l d - p, c] dy[n, i, j, o].
 */
import { formatShape, type Shape, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../../engine/tensor.ts";
import {
  channelAt,
  channelLoops,
  type ConvolutionAttrs,
  elementAt,
  leavesGaps,
  seenAt,
  splitChannel,
  windowAt,
} from "./convolution_places.ts";
import { gradientInShares } from "./convolution_shares.ts";
import { zeroPadded } from "../movement/pad.ts";
import { insertZeros, slice } from "../movement/slice.ts";
import { windowCounts, type Windows } from "../window/window.ts";

interface GradientAttrs extends ConvolutionAttrs {
  /** The shape of the result. */
  readonly shape: Shape;
}

/** What messages call the inputs over so many axes. */
const WORDS = [
  ["sequences [batch, length, channels]", "[length, in, out]"],
  ["images [batch, height, width, channels]", "[height, width, in, out]"],
  ["volumes [batch, depth, height, width, channels]", "[depth, height, width, in, out]"],
];

/** Throws unless a weight goes with an input over so many axes. */
export function checkConvolution(
  what: string,
  [x, w]: readonly TensorType[],
  groups: number,
  axes: number,
): void {
  if ([x, w].some((t) => t.dtype !== "float32" || t.shape.length !== axes + 2)) {
    const [inputs, weights] = WORDS[axes - 1];
    throw new TypeError(
      `Cannot apply ${what} to ${x.dtype} ${formatShape(x.shape)} and ${w.dtype} ${formatShape(w.shape)}: ` +
        `it takes float32 ${inputs} and weights ${weights}`,
    );
  }
  const [perGroup, outputs] = w.shape.slice(axes);
  const channels = x.shape[axes + 1];
  const blocks = groups === 1 ? "" : ` in ${groups} groups`;
  if (perGroup * groups !== channels) {
    throw new RangeError(
      `Cannot apply ${what} to input ${formatShape(x.shape)} as weight ${
        formatShape(w.shape)
      }${blocks} expects ` +
        `${perGroup * groups} channels: input has ${channels}`,
    );
  }
  if (outputs % groups !== 0) {
    throw new RangeError(`Cannot apply ${what} with ${outputs} filters${blocks}: they do not divide evenly`);
  }
}

/** Zeros around a gradient (windows that a pool leaves out) need no products: fewer windows, beginning further in. */
function withoutZeros(dy: Tensor, { windows }: GradientAttrs): { dy: Tensor; windows: Windows } | undefined {
  const inner = zeroPadded(dy);
  const isKept = (axis: number) => inner!.x.shape[axis] === dy.shape[axis];
  if (!inner || inner.x.size === 0 || !isKept(0) || !isKept(dy.rank - 1)) return undefined;
  const before = windows.before.map((n, axis) => n - inner.before[1 + axis] * windows.strides[axis]);
  return { dy: inner.x, windows: { ...windows, before } };
}

/** A convolution over a number of axes, and both of its gradients. */
export interface Convolution {
  readonly forward: Op<ConvolutionAttrs>;
  /** From the gradient of a result, and the weight, to that of an input of this shape. */
  toInput(dy: Tensor, w: Tensor, shape: Shape, attrs: ConvolutionAttrs): Tensor;
}

/** Makes one. */
export function convolutionOver(axes: number, name: string): Convolution {
  /** The filters that a weight has. */
  const filtersOf = (w: TensorType) => w.shape[axes + 1];
  const perWindow = (w: TensorType) => w.shape.slice(0, axes + 1);

  const forward: Op<ConvolutionAttrs> = {
    name,
    inferShape: ([x, w], { windows, groups }) => {
      checkConvolution(name, [x, w], groups, axes);
      return {
        dtype: "float32",
        shape: [x.shape[0], ...windowCounts(name, x.shape.slice(1, -1), windows), filtersOf(w)],
      };
    },
    vjp: (g, { inputs: [x, w], attrs }) => [toInput(g, w, x.shape, attrs), toWeight(x, g, w.shape, attrs)],
    body: {
      kind: "contraction",
      space: ([x, w], { windows, groups }) => [
        x.shape[0],
        ...windowCounts(name, x.shape.slice(1, -1), windows),
        ...channelLoops(filtersOf(w), groups),
      ],
      over: ([, w]) => perWindow(w),
      left: ([n, ...rest], over, [, w], { windows }) => {
        const places = rest.slice(0, axes).map((i, axis) => seenAt(i, over[axis], windows, axis));
        const { group } = splitChannel(rest.slice(axes));
        return { input: 0, index: [n, ...places, channelAt(group, over[axes], w.shape[axes])] };
      },
      right: ([_n, ...rest], over, [, w], { groups }) => {
        const { group, within } = splitChannel(rest.slice(axes));
        return { input: 1, index: [...over, channelAt(group, within, filtersOf(w) / groups)] };
      },
    },
    flops: ({ size, inputs: [, w] }) => 2 * size * sizeOf(perWindow(w)),
  };

  const toInputOp: Op<GradientAttrs> = {
    name: `${name}InputGradient`,
    inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
    vjp: (g, { inputs: [dy, w], attrs: { windows, groups } }) => [
      toResult(g, w, dy.shape, { windows, groups }),
      toWeight(g, dy, w.shape, { windows, groups }),
    ],
    body: {
      kind: "contraction",
      space: (_inputs, { shape: [n, ...rest], windows: { strides }, groups }) => [
        n,
        ...strides.flatMap((stride, axis) => [rest[axis] / stride, stride]),
        ...channelLoops(rest[axes], groups),
      ],
      over: ([, w], { windows: { strides }, groups }) => [
        ...strides.map((stride, axis) => Math.ceil(w.shape[axis] / stride)),
        filtersOf(w) / groups,
      ],
      left: ([n, ...rest], over, [, w], { windows, groups }) => {
        const places = windows.size.map((_, axis) =>
          windowAt(rest[2 * axis], rest[2 * axis + 1], over[axis], windows, axis)
        );
        const { group } = splitChannel(rest.slice(2 * axes));
        return { input: 0, index: [n, ...places, channelAt(group, over[axes], filtersOf(w) / groups)] };
      },
      right: ([_n, ...rest], over, [, w], { windows, groups }) => {
        const { group, within } = splitChannel(rest.slice(2 * axes));
        const elements = windows.size.map((_, axis) =>
          elementAt(rest[2 * axis + 1], over[axis], windows, axis)
        );
        return {
          input: 1,
          index: [...elements, within, channelAt(group, over[axes], filtersOf(w) / groups)],
        };
      },
    },
    flops: ({ inputs: [dy, w] }) => 2 * dy.size * sizeOf(perWindow(w)),
    simplify: ({ inputs: [dy, w], attrs }) => {
      const inner = withoutZeros(dy, attrs);
      if (inner) return apply(toInputOp, [inner.dy, w], { ...attrs, windows: inner.windows });
      return axes === 2 ? gradientInShares(dy, w, attrs.shape, attrs) : undefined;
    },
  };

  const toWeightOp: Op<GradientAttrs> = {
    name: `${name}WeightGradient`,
    inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
    vjp: (g, { inputs: [x, dy], attrs: { windows, groups } }) => [
      toInput(dy, g, x.shape, { windows, groups }),
      toResult(x, g, dy.shape, { windows, groups }),
    ],
    body: {
      kind: "contraction",
      space: (
        _inputs,
        { shape, groups },
      ) => [...shape.slice(0, -1), ...channelLoops(shape[axes + 1], groups)],
      over: ([, dy]) => dy.shape.slice(0, -1),
      left: (index, [n, ...counts], _inputs, { windows, shape }) => {
        const places = counts.map((i, axis) => seenAt(i, index[axis], windows, axis));
        const { group } = splitChannel(index.slice(axes + 1));
        return { input: 0, index: [n, ...places, channelAt(group, index[axes], shape[axes])] };
      },
      right: (index, over, _inputs, { shape, groups }) => {
        const { group, within } = splitChannel(index.slice(axes + 1));
        return { input: 1, index: [...over, channelAt(group, within, shape[axes + 1] / groups)] };
      },
    },
    flops: ({ size, inputs: [, dy] }) => 2 * size * sizeOf(dy.shape.slice(0, -1)),
    simplify: ({ inputs: [x, dy], attrs }) => {
      const inner = withoutZeros(dy, attrs);
      return inner && apply(toWeightOp, [x, inner.dy], { ...attrs, windows: inner.windows });
    },
  };

  function toInput(dy: Tensor, w: Tensor, shape: Shape, { windows, groups }: ConvolutionAttrs): Tensor {
    const { strides } = windows;
    if (leavesGaps(windows)) {
      // Rests that no window element meets: rare enough to go the plain way, over zeros between the windows.
      const spread = insertZeros(dy, [1, ...strides, 1]);
      const single = { ...windows, strides: strides.map(() => 1) };
      return toInput(spread, w, shape, { windows: single, groups });
    }
    const whole = shape.map((n, axis) => {
      const stride = strides[axis - 1] ?? 1;
      return Math.ceil(n / stride) * stride;
    });
    return slice(apply(toInputOp, [dy, w], { windows, groups, shape: whole }), shape.map(() => 0), shape);
  }

  /** Inputs may have been made longer, up to a multiple of the strides: what is behind the result's windows is left out. */
  function toResult(x: Tensor, w: Tensor, shape: Shape, { windows, groups }: ConvolutionAttrs): Tensor {
    return slice(apply(forward, [x, w], { windows, groups }), shape.map(() => 0), shape);
  }

  function toWeight(x: Tensor, dy: Tensor, shape: Shape, { windows, groups }: ConvolutionAttrs): Tensor {
    return apply(toWeightOp, [x, dy], { windows, groups, shape });
  }

  return { forward, toInput };
}
