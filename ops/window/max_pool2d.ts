/**
 * y[n, i, j, c] = max_{k, l} x[n, i s + k - p, j s + l - p, c]
 *
 * The gradient goes to the first largest element of each window, or to the first NaN in it. Its position is found together with the maximum, so
 * the backward pass reads one byte a window instead of all of the input.
 */
import { add, and, eq, type Expr, f32, i32, max, select, toI32 } from "../../engine/expression/expr.ts";
import {
  indexAdd,
  indexDiv,
  indexMul,
  indexRem,
  indexSub,
  indexSum,
  inRange,
} from "../../engine/expression/index_math.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { checkShape, formatShape, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../../engine/tensor.ts";
import { cast } from "../elementwise/cast.ts";
import { seenAt } from "../contraction/convolution_places.ts";
import { amongZeros } from "../movement/pad.ts";
import {
  type Pair,
  windowCounts,
  type WindowOptions,
  windowOptions,
  type WindowPadding,
  type Windows,
  windowSizes,
  windowsOf,
} from "./window.ts";

/** Options of pooling. */
export interface Pool2dOptions {
  /** The size of a window; 2 when left out. */
  readonly poolSize?: Pair;
  /** Steps between windows; as large as the window when left out. */
  readonly strides?: Pair;
  /** What is added around the image; `"valid"` (nothing) when left out. Added places never count. */
  readonly padding?: WindowPadding;
}

interface PoolAttrs {
  readonly windows: Windows;
}

/** Throws unless a tensor is a batch of images. */
export function checkImages(what: string, x: TensorType): void {
  if (x.dtype !== "float32" || x.shape.length !== 4) {
    throw new TypeError(
      `Cannot apply ${what} to ${x.dtype} ${
        formatShape(x.shape)
      }: it takes float32 [batch, height, width, channels]`,
    );
  }
}

/** The options of pools. */
export const poolOptions = {
  poolSize: optional(windowSizes, [2, 2]),
  strides: optional(windowSizes),
  padding: windowOptions.padding,
};

/** How the windows of a pool lie, from its options. */
export function readPool(
  attempt: string,
  options: Pool2dOptions,
): WindowOptions & { size: readonly [number, number] } {
  const { poolSize, strides, padding } = pickOptions(attempt, options, poolOptions);
  checkShape(`${attempt} with such a poolSize`, poolSize);
  return { size: poolSize, strides: strides ?? poolSize, padding, dilations: [1, 1] };
}

/** Windows of a pool over images. */
export function poolWindows(what: string, x: TensorType, pool: ReturnType<typeof readPool>): Windows {
  checkImages(what, x);
  const { size } = pool;
  const windows = windowsOf(what, [x.shape[1], x.shape[2]], size, pool);
  const tooFar = ([0, 1] as const).some((a) => windows.before[a] >= size[a] || windows.after[a] >= size[a]);
  if (tooFar) {
    throw new RangeError(
      `Cannot apply ${what} with a window of ${formatShape(size)}: the padding is as large as that`,
    );
  }
  return windows;
}

/** The shape of pooled images. */
export function pooledShape(what: string, shape: Shape, windows: Windows): number[] {
  return [shape[0], ...windowCounts(what, shape.slice(1, 3), windows), shape[3]];
}

/** A gradient that is computed for the part of images that windows reach, and zero in what they leave out at the end. */
export function beyondWindows(x: TensorType, windows: Windows, gradient: (shape: Shape) => Tensor): Tensor {
  const counts = windowCounts("pooling", x.shape.slice(1, 3), windows);
  const reached = x.shape.map((n, axis) => {
    const a = axis - 1;
    if (a !== 0 && a !== 1) return n;
    return Math.min(n, (counts[a] - 1) * windows.strides[a] + windows.size[a] - windows.before[a]);
  });
  const inside = gradient(reached);
  return reached.every((n, axis) => n === x.shape[axis]) ? inside : amongZeros(inside, [0, 0, 0, 0], x.shape);
}

/** Whether no two windows share an element. */
export const isDisjoint = ({ windows: { size, strides } }: PoolAttrs): boolean =>
  size[0] <= strides[0] && size[1] <= strides[1];

const pooling = (name: string, reduceOp: "max" | "argMax", vjp: Op<PoolAttrs>["vjp"]): Op<PoolAttrs> => ({
  name,
  inferShape: ([x], { windows }) => ({
    dtype: reduceOp === "max" ? "float32" : "int32",
    shape: pooledShape(name, x.shape, windows),
  }),
  vjp,
  body: {
    kind: "reduce",
    reduceOp,
    over: (_inputs, { windows }) => windows.size,
    value: ({ index: [n, i, j, c], loadOr, attrs: { windows } }, [k, l]) =>
      loadOr(0, [n, seenAt(i, k, windows, 0), seenAt(j, l, windows, 1), c], f32(-Infinity)),
    disjoint: isDisjoint,
  },
  flops: ({ size, attrs: { windows } }) => size * windows.size[0] * windows.size[1],
});

const positionOp: Op<PoolAttrs> = pooling("maxPool2dPosition", "argMax", undefined);
const maxPool2dOp: Op<PoolAttrs> = pooling("maxPool2d", "max", (g, { inputs: [x], attrs }) => {
  const found = apply(positionOp, [x], attrs);
  const isPadded = attrs.windows.before.some((n) => n > 0);
  const position = isPadded ? apply(insideOp, [found], attrs) : found;
  const isByte = attrs.windows.size[0] * attrs.windows.size[1] <= 256;
  const sent = [g, isByte ? cast(position, "uint8") : position];
  return [beyondWindows(x, attrs.windows, (shape) => apply(unpoolOp, sent, { ...attrs, shape }))];
});

/**
 * The first place of a window that is in the image, instead of one that is not: where nothing is above minus infinity, the
 * first place of all was found.
 */
const insideOp: Op<PoolAttrs> = {
  name: "maxPool2dInside",
  inferShape: ([position]) => position,
  body: {
    kind: "map",
    elementwise: true,
    value: ({ index, load, attrs: { windows } }) => {
      const [, i, j] = index;
      const [row, column] = ([[i, 0], [j, 1]] as const).map(([window, a]) =>
        max(i32(0), indexSum([[window, -windows.strides[a]]], windows.before[a]))
      );
      const position = load(0, index);
      const first = indexAdd(indexMul(row, windows.size[1]), column);
      return select(eq(position, i32(0)), first, position);
    },
  },
};

/** The windows that may hold a pixel, by rows or columns: as many as overlap. */
function* windowsAround(pixel: Expr, { size, strides, before }: Windows, axis: number) {
  const last = indexDiv(indexSum([[pixel, 1]], before[axis]), strides[axis]);
  const within = indexRem(indexSum([[pixel, 1]], before[axis]), strides[axis]);
  for (let back = 0; back * strides[axis] < size[axis]; back++) {
    yield { window: indexSub(last, back), element: indexAdd(within, back * strides[axis]) };
  }
}

/** Each pixel gathers what the windows around it sent to it. */
const unpoolOp: Op<PoolAttrs & { readonly shape: Shape }> = {
  name: "maxPool2dGradient",
  inferShape: ([g], { shape }) => ({ dtype: g.dtype, shape }),
  vjp: (g, { inputs: [, position], attrs: { windows } }) => [apply(pickOp, [g, position], { windows }), null],
  // Each window sends its gradient to just one pixel.
  sameSum: ({ inputs: [g] }, axes) => axes.includes(1) && axes.includes(2) ? g : undefined,
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index: [n, row, column, c], inputs: [g], load, attrs: { windows } }) => {
      let sum: Expr = f32(0);
      for (const v of windowsAround(row, windows, 0)) {
        for (const h of windowsAround(column, windows, 1)) {
          const place = [n, v.window, h.window, c];
          const inside = and(
            and(inRange(v.window, g.shape[1]), inRange(v.element, windows.size[0])),
            and(inRange(h.window, g.shape[2]), inRange(h.element, windows.size[1])),
          );
          const mine = eq(toI32(load(1, place)), indexAdd(indexMul(v.element, windows.size[1]), h.element));
          sum = add(sum, select(and(inside, mine), load(0, place), f32(0)));
        }
      }
      return sum;
    },
  },
};

/** What lies at the chosen position of each window. */
const pickOp: Op<PoolAttrs> = {
  name: "maxPool2dPick",
  inferShape: ([x], { windows }) => ({ dtype: x.dtype, shape: pooledShape("maxPool2d", x.shape, windows) }),
  vjp: (
    g,
    { inputs: [x, position], attrs },
  ) => [apply(unpoolOp, [g, position], { ...attrs, shape: x.shape }), null],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { windows } }) => {
      const [n, i, j, c] = index;
      let value: Expr = f32(0);
      for (let k = 0; k < windows.size[0]; k++) {
        for (let l = 0; l < windows.size[1]; l++) {
          const chosen = eq(toI32(load(1, index)), i32(k * windows.size[1] + l));
          const place = [n, seenAt(i, i32(k), windows, 0), seenAt(j, i32(l), windows, 1), c];
          value = select(chosen, load(0, place), value);
        }
      }
      return value;
    },
  },
};

/**
 * The largest element of each window of images `[batch, height, width, channels]`, channel by channel.
 *
 * @throws {TypeError} when `x` is not float32 with four axes.
 * @throws {RangeError} when a window is larger than the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.maxPool2d(tensor([[[[1], [2]], [[3], [4]]]])))).data], [4]);
 * ```
 */
export function maxPool2d(x: Tensor, options: Pool2dOptions = {}): Tensor {
  const windows = poolWindows("maxPool2d", x, readPool("apply maxPool2d", options));
  // A rising function may as well be applied after the maximum: to fewer elements, and the gradient then needs only
  // the pooled ones.
  if (x.op.isRising) {
    return apply(x.op, [apply(maxPool2dOp, [x.inputs[0]], { windows })], x.attrs);
  }
  return apply(maxPool2dOp, [x], { windows });
}
