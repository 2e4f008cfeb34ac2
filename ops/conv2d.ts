/**
 * y[n, i, j, o] = sum_{k, l, c} x[n, i s + k d - p, j s + l d - p, c] w[k, l, c, o]
 *
 * Images are `[batch, height, width, channels]`, weights `[height, width, channels in, channels out]`; this is the
 * cross-correlation that deep learning calls convolution. With groups, channels are split into as many blocks, and each
 * block of outputs sees one block of inputs.
 */
import { type Expr, i32 } from "../engine/expr.ts";
import { indexSum } from "../engine/index_math.ts";
import { whole } from "../engine/option_kinds.ts";
import { optional, pickOptions } from "../engine/options.ts";
import { formatShape, sizeOf } from "../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../engine/tensor.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "./conv2d_gradients.ts";
import {
  type Pair,
  windowCounts,
  windowOptions,
  type WindowPadding,
  type Windows,
  windowsOf,
} from "./window.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Steps between windows; 1 when left out. */
  readonly strides?: Pair;
  /** What is added around the image; `"valid"` (nothing) when left out. */
  readonly padding?: WindowPadding;
  /** Steps between the elements of a window; 1 when left out. */
  readonly dilations?: Pair;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
}

/** What a convolution and its gradients are given, worked out. */
export interface ConvAttrs {
  readonly windows: Windows;
  readonly groups: number;
}

/** The row (axis 0) or column (axis 1) of the image that element `k` of window `i` sees. */
export function seenAt(i: Expr, k: Expr, { strides, dilations, before }: Windows, axis: 0 | 1): Expr {
  return indexSum([[i, strides[axis]], [k, dilations[axis]]], -before[axis]);
}

/** Loops over channels: with groups, one over the groups and one within. */
export const channelLoops = (channels: number, groups: number): number[] =>
  groups === 1 ? [channels] : [groups, channels / groups];

/** The group and the channel within it, from those loops. */
export const splitChannel = (index: readonly Expr[]): { group: Expr; within: Expr } =>
  index.length === 1 ? { group: i32(0), within: index[0] } : { group: index[0], within: index[1] };

/** The channel of an image. */
export const channelAt = (group: Expr, within: Expr, perGroup: number): Expr =>
  indexSum([[group, perGroup], [within, 1]]);

function checkInputs([x, w]: readonly TensorType[], groups: number): void {
  if (x.dtype !== "float32" || w.dtype !== "float32" || x.shape.length !== 4 || w.shape.length !== 4) {
    throw new TypeError(
      `Cannot apply conv2d to ${x.dtype} ${formatShape(x.shape)} and ${w.dtype} ${formatShape(w.shape)}: ` +
        `it takes float32 images [batch, height, width, channels] and weights [height, width, in, out]`,
    );
  }
  const [, , perGroup, outputs] = w.shape;
  const blocks = groups === 1 ? "" : ` in ${groups} groups`;
  if (perGroup * groups !== x.shape[3]) {
    throw new RangeError(
      `Cannot apply conv2d to input ${formatShape(x.shape)} as weight ${
        formatShape(w.shape)
      }${blocks} expects ` +
        `${perGroup * groups} channels: input has ${x.shape[3]}`,
    );
  }
  if (outputs % groups !== 0) {
    throw new RangeError(`Cannot apply conv2d with ${outputs} filters${blocks}: they do not divide evenly`);
  }
}

/** The op of {@linkcode conv2d}. */
export const conv2dOp: Op<ConvAttrs> = {
  name: "conv2d",
  inferShape: ([x, w], { windows, groups }) => {
    checkInputs([x, w], groups);
    return {
      dtype: "float32",
      shape: [x.shape[0], ...windowCounts("conv2d", x.shape.slice(1, 3), windows), w.shape[3]],
    };
  },
  vjp: (g, { inputs: [x, w], attrs }) => [
    conv2dInputGradient(g, w, x.shape, attrs),
    conv2dWeightGradient(x, g, w.shape, attrs),
  ],
  body: {
    kind: "contraction",
    space: ([x, w], { windows, groups }) => [
      x.shape[0],
      ...windowCounts("conv2d", x.shape.slice(1, 3), windows),
      ...channelLoops(w.shape[3], groups),
    ],
    over: ([, w]) => w.shape.slice(0, 3),
    left: ([n, i, j, ...out], [k, l, c], [, w], { windows }) => ({
      input: 0,
      index: [
        n,
        seenAt(i, k, windows, 0),
        seenAt(j, l, windows, 1),
        channelAt(splitChannel(out).group, c, w.shape[2]),
      ],
    }),
    right: ([_n, _i, _j, ...out], [k, l, c], [, w], { groups }) => {
      const { group, within } = splitChannel(out);
      return { input: 1, index: [k, l, c, channelAt(group, within, w.shape[3] / groups)] };
    },
  },
  flops: ({ size, inputs: [, w] }) => 2 * size * sizeOf(w.shape.slice(0, 3)),
};

/**
 * A two-dimensional convolution of images `[batch, height, width, channels]` with a weight
 * `[height, width, channels / groups, filters]`, to `[batch, rows, columns, filters]`.
 *
 * @throws {TypeError} when an input is not float32 with four axes.
 * @throws {RangeError} when channels do not fit, or a window is larger than the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ones, ops, tensor } from "@gesso/gesso";
 *
 * const image = tensor([[[[1], [2]], [[3], [4]]]]);
 * assertEquals([...(await compute(ops.conv2d(image, ones([2, 2, 1, 1])))).data], [10]);
 * ```
 */
export function conv2d(x: Tensor, weight: Tensor, options: Conv2dOptions = {}): Tensor {
  const { groups, ...placed } = pickOptions("apply conv2d", options, {
    ...windowOptions,
    groups: optional(whole(1), 1),
  });
  checkInputs([x, weight], groups);
  const [, height, width] = x.shape;
  const windows = windowsOf("conv2d", [height, width], [weight.shape[0], weight.shape[1]], placed);
  return apply(conv2dOp, [x, weight], { windows, groups });
}
