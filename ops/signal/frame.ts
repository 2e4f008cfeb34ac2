/** y[f, t] = x[f hop + t], and the sum that goes back: x[s] = sum of y[f, t] over all f hop + t = s */
import { and, f32, select } from "../../engine/expression/expr.ts";
import { indexDiv, indexRem, indexSub, indexSum, inRange } from "../../engine/expression/index_math.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

interface FrameAttrs {
  readonly size: number;
  readonly hop: number;
  /** Of the sound: what is behind the last frame has a place in none. */
  readonly length: number;
}

/** How many frames fit into a sound. */
export const countFrames = (length: number, size: number, hop: number): number =>
  Math.max(0, Math.floor((length - size) / hop) + 1);

const frameOp: Op<FrameAttrs> = {
  name: "frame",
  inferShape: ([x], { size, hop, length }) => ({
    dtype: x.dtype,
    shape: [...x.shape.slice(0, -1), countFrames(length, size, hop), size],
  }),
  vjp: (g, { attrs }) => [apply(overlapAddOp, [g], attrs)],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { hop } }) => {
      const [frame, t] = index.slice(-2);
      return load(0, [...index.slice(0, -2), indexSum([[frame, hop], [t, 1]])]);
    },
  },
  flops: () => 0,
};

const overlapAddOp: Op<FrameAttrs> = {
  name: "overlapAdd",
  inferShape: ([y], { length }) => ({ dtype: y.dtype, shape: [...y.shape.slice(0, -2), length] }),
  vjp: (g, { attrs }) => [apply(frameOp, [g], attrs)],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: (_inputs, { size, hop }) => [Math.ceil(size / hop)],
    // The last frame that begins here or before, and those before it, as far as they reach.
    value: ({ inputs: [y], index, load, attrs: { size, hop } }, [back]) => {
      const place = index.at(-1)!;
      const frame = indexSub(indexDiv(place, hop), back);
      const t = indexSum([[indexRem(place, hop), 1], [back, hop]]);
      const isThere = and(inRange(frame, y.shape.at(-2)!), inRange(t, size));
      return select(isThere, load(0, [...index.slice(0, -1), frame, t]), f32(0));
    },
  },
  flops: ({ size, attrs }) => size * Math.ceil(attrs.size / attrs.hop),
};

/**
 * Pieces of the last axis, `[..., length]` to `[..., frames, size]`: each begins `hop` elements behind the one before it. What is
 * behind the last whole piece is left out.
 *
 * @throws {RangeError} when `x` is shorter than a piece, or a size is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.frame(tensor([1, 2, 3, 4, 5, 6]), 3, 2))).data], [1, 2, 3, 3, 4, 5]);
 * ```
 */
export function frame(x: Tensor, size: number, hop: number): Tensor {
  const attempt = `apply frame to ${x.dtype} ${formatShape(x.shape)}`;
  readValue(attempt, "size", size, whole(1));
  readValue(attempt, "hop", hop, whole(1));
  const length = x.shape.at(-1) ?? 0;
  if (length < size) {
    throw new RangeError(`Cannot ${attempt}: pieces of ${size} do not fit into the last axis`);
  }
  return apply(frameOp, [x], { size, hop, length });
}

/**
 * The sum of pieces where they overlap, `[..., frames, size]` to `[..., length]`: each begins `hop` elements behind the one before
 * it.
 *
 * @throws {TypeError} when `y` is not float32.
 * @throws {RangeError} when `y` has fewer than two axes or no frames, or `hop` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.overlapAdd(tensor([[1, 2, 3], [10, 20, 30]]), 2))).data], [1, 2, 13, 20, 30]);
 * ```
 */
export function overlapAdd(y: Tensor, hop: number): Tensor {
  const attempt = `apply overlapAdd to ${y.dtype} ${formatShape(y.shape)}`;
  readValue(attempt, "hop", hop, whole(1));
  if (y.dtype !== "float32") throw new TypeError(`Cannot ${attempt}: float32 is needed`);
  const [frames, size] = y.shape.slice(-2);
  if (y.rank < 2 || frames < 1 || size < 1) {
    throw new RangeError(`Cannot ${attempt}: [..., frames, size] is needed, with one element at least`);
  }
  return apply(overlapAddOp, [y], { size, hop, length: (frames - 1) * hop + size });
}
