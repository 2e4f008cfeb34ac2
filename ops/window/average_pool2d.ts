/**
 * y[n, i, j, c] = mean_{k, l} x[n, i s + k - p, j s + l - p, c], over the places that are inside of the image
 */
import {
  and,
  type Expr,
  f32,
  i32,
  max,
  min,
  mul as mulExpr,
  select,
  toF32,
} from "../../engine/expression/expr.ts";
import {
  indexAdd,
  indexDiv,
  indexRem,
  indexSub,
  indexSum,
  inRange,
} from "../../engine/expression/index_math.ts";
import type { Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { seenAt } from "../contraction/convolution_places.ts";
import { div } from "../elementwise/div.ts";
import {
  beyondWindows,
  checkImages,
  isDisjoint,
  type Pool2dOptions,
  pooledShape,
  poolWindows,
  readPool,
} from "./max_pool2d.ts";
import { mul } from "../elementwise/mul.ts";
import { max as maxOf, mean, type ReduceOptions } from "../reduction/reduce.ts";
import type { Windows } from "./window.ts";

interface PoolAttrs {
  readonly windows: Windows;
}

const sumPool2dOp: Op<PoolAttrs> = {
  name: "sumPool2d",
  inferShape: ([x], { windows }) => ({
    dtype: "float32",
    shape: pooledShape("averagePool2d", x.shape, windows),
  }),
  vjp: (g, { inputs: [x], attrs }) => [
    beyondWindows(x, attrs.windows, (shape) => apply(spreadOp, [g], { ...attrs, shape })),
  ],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: (_inputs, { windows }) => windows.size,
    value: ({ index: [n, i, j, c], loadOr, attrs: { windows } }, [k, l]) =>
      loadOr(0, [n, seenAt(i, k, windows, 0), seenAt(j, l, windows, 1), c], f32(0)),
    disjoint: isDisjoint,
  },
  flops: ({ size, attrs: { windows } }) => size * windows.size[0] * windows.size[1],
};

/** Each pixel gets the sum of the gradients of all windows around it. */
const spreadOp: Op<PoolAttrs & { readonly shape: Shape }> = {
  name: "sumPool2dGradient",
  inferShape: ([g], { shape }) => ({ dtype: g.dtype, shape }),
  vjp: (g, { attrs: { windows } }) => [apply(sumPool2dOp, [g], { windows })],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: (_inputs, { windows }) => overlaps(windows),
    value: ({ index: [n, row, column, c], inputs: [g], load, attrs: { windows } }, back) => {
      const [v, h] = [row, column].map((pixel, axis) => {
        const a = axis;
        const { size, strides, before } = windows;
        const last = indexDiv(indexSum([[pixel, 1]], before[a]), strides[a]);
        const within = indexRem(indexSum([[pixel, 1]], before[a]), strides[a]);
        const window = indexSub(last, back[a]);
        const element = indexSum([[within, 1], [back[a], strides[a]]]);
        return { window, inside: and(inRange(window, g.shape[1 + a]), inRange(element, size[a])) };
      });
      return select(and(v.inside, h.inside), load(0, [n, v.window, h.window, c]), f32(0));
    },
  },
  flops: ({ size, attrs: { windows } }) => size * overlaps(windows)[0] * overlaps(windows)[1],
};

/** How many windows may hold a pixel, by rows and by columns. */
const overlaps = (
  { size, strides }: Windows,
) => [Math.ceil(size[0] / strides[0]), Math.ceil(size[1] / strides[1])];

/** The number of places inside of the image, for each window. */
const countOp: Op<PoolAttrs & { readonly image: Shape; readonly counts: Shape }> = {
  name: "windowSizes",
  inferShape: (_inputs, { counts }) => ({ dtype: "float32", shape: [...counts, 1] }),
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index: [i, j], attrs: { windows, image } }) => {
      const [rows, columns] = [i, j].map((window, axis) => inside(window, windows, image, axis));
      return mulExpr(toF32(rows), toF32(columns));
    },
  },
};

function inside(window: Expr, { size, strides, before }: Windows, image: Shape, axis: number): Expr {
  const from = indexSum([[window, strides[axis]]], -before[axis]);
  const to = min(indexAdd(from, size[axis]), i32(image[axis]));
  return indexSub(to, max(from, i32(0)));
}

/**
 * The mean of each window of images `[batch, height, width, channels]`, channel by channel. Padding does not count.
 *
 * @throws {TypeError} when `x` is not float32 with four axes.
 * @throws {RangeError} when a window is larger than the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.averagePool2d(tensor([[[[1], [2]], [[3], [4]]]])))).data], [2.5]);
 * ```
 */
export function averagePool2d(x: Tensor, options: Pool2dOptions = {}): Tensor {
  const windows = poolWindows("averagePool2d", x, readPool("apply averagePool2d", options));
  const total = apply(sumPool2dOp, [x], { windows });
  if ([...windows.before, ...windows.after].every((n) => n === 0)) {
    return mul(total, 1 / (windows.size[0] * windows.size[1]));
  }
  return div(
    total,
    apply(countOp, [], { windows, image: x.shape.slice(1, 3), counts: total.shape.slice(1, 3) }),
  );
}

/**
 * The mean of each channel of images `[batch, height, width, channels]`, to `[batch, channels]`.
 *
 * @throws {TypeError} when `x` is not float32 with four axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.globalAveragePool2d(tensor([[[[1], [2]], [[3], [4]]]])))).data], [2.5]);
 * ```
 */
export function globalAveragePool2d(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkImages("globalAveragePool2d", x);
  return mean(x, [1, 2], options);
}

/**
 * The largest element of each channel of images `[batch, height, width, channels]`, to `[batch, channels]`.
 *
 * @throws {TypeError} when `x` is not float32 with four axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.globalMaxPool2d(tensor([[[[1], [2]], [[3], [4]]]])))).data], [4]);
 * ```
 */
export function globalMaxPool2d(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkImages("globalMaxPool2d", x);
  return maxOf(x, [1, 2], options);
}
