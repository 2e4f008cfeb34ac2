/** Reductions over axes: y[i] = combine of x[i, r] over r */
import type { DType } from "../../engine/array.ts";
import { eq, type Expr, isNan, or, toI32 } from "../../engine/expression/expr.ts";
import { flag } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape, normalizeAxes, type Shape, sizeOf } from "../../engine/shape.ts";
import {
  apply,
  checkTensors,
  type Op,
  type ReduceOp,
  type Tensor,
  uniformValue,
} from "../../engine/tensor.ts";
import { broadcastTo } from "../movement/broadcast_to.ts";
import { cast } from "../elementwise/cast.ts";
import { div } from "../elementwise/div.ts";
import { elementwise } from "../elementwise/elementwise.ts";
import { full } from "../creation/full.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../movement/reshape.ts";
import { where } from "../elementwise/where.ts";

/** Options of reductions. */
export interface ReduceOptions {
  /** Whether the axes stay, with size 1. They are dropped when left out. */
  readonly keepDims?: boolean;
}

const reduceOptions = { keepDims: optional(flag, false) };

/** The axes that a reduction goes over. */
export interface ReduceAttrs {
  readonly axes: readonly number[];
}

/** Makes a reduction of one input over some of its axes. */
export function reduction(
  name: string,
  reduceOp: ReduceOp,
  vjp: Op<ReduceAttrs>["vjp"],
  result?: DType,
): Op<ReduceAttrs> {
  const isOfExponentials = reduceOp === "logSumExp" || reduceOp === "sumExp";
  return {
    name,
    inferShape: ([x], { axes }) => {
      const needsOne = reduceOp !== "sum" && reduceOp !== "product" && axes.some((a) => x.shape[a] === 0);
      if (needsOne) {
        throw new RangeError(
          `Cannot apply ${name} to ${formatShape(x.shape)}: there is nothing to choose from`,
        );
      }
      if (x.dtype === "float16" || isOfExponentials && x.dtype !== "float32") {
        throw new TypeError(
          `Cannot apply ${name} to ${x.dtype}: it takes ${
            isOfExponentials ? "float32" : "all dtypes but float16"
          } (see cast)`,
        );
      }
      const dtype = result ?? (x.dtype === "bool" || x.dtype === "uint8" ? "int32" : x.dtype);
      return { dtype, shape: x.shape.filter((_, axis) => !axes.includes(axis)) };
    },
    vjp,
    body: {
      kind: "reduce",
      reduceOp,
      over: ([x], { axes }) => axes.map((a) => x.shape[a]),
      value: ({ inputs: [x], index, load, attrs: { axes } }, over) => {
        let [kept, summed] = [0, 0];
        const place = x.shape.map((_, axis) => axes.includes(axis) ? over[summed++] : index[kept++]);
        return asNumber(load(0, place), x.dtype);
      },
    },
    flops: ({ inputs: [x] }) => x.size * (isOfExponentials ? 20 : 1),
    simplify: ({ op, inputs: [x], attrs, dtype, shape }) => {
      // Known here, as compilers for GPUs take zero times infinity for zero where they see the zero.
      if (reduceOp === "sum" && (x.size === 0 || uniformValue(x) === 0)) return full(shape, 0, dtype);
      const smaller = reduceOp === "sum" ? x.op.sameSum?.(x, attrs.axes) : undefined;
      return smaller && apply(op, [smaller], attrs);
    },
  };
}

/** Bytes and truth values are counted as integers. */
function asNumber(x: Expr, dtype: DType): Expr {
  return dtype === "bool" || dtype === "uint8" ? toI32(x) : x;
}

/** The shape with size 1 for these axes. */
export const shapeKept = (shape: Shape, axes: readonly number[]) =>
  shape.map((n, axis) => axes.includes(axis) ? 1 : n);

/** A result of a reduction, stretched over the axes that it was taken over. */
export function stretch(y: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return broadcastTo(reshape(y, shapeKept(x.shape, axes)), x.shape);
}

/** Whether an element is the extreme of its row, or is NaN: then the extreme is NaN, too. */
const isExtremeOp: Op<Record<string, never>> = elementwise({
  name: "isExtreme",
  accepts: "number",
  result: "bool",
  value: ([x, extreme]) => x.type === "f32" ? or(eq(x, extreme), isNan(x)) : eq(x, extreme),
});

/** The gradient goes to where the extreme is, in equal parts if it is in several places. */
const extremeVjp: Op<ReduceAttrs>["vjp"] = (g, y) => {
  const [x] = y.inputs;
  const { axes } = y.attrs;
  const hit = apply(isExtremeOp, [x, stretch(y, x, axes)], {});
  const share = div(g, sum(cast(hit, "float32"), axes));
  return [where(hit, stretch(share, x, axes), 0)];
};

const sumOp = reduction("sum", "sum", (g, { inputs: [x], attrs: { axes } }) => [stretch(g, x, axes)]);
const maxOp = reduction("max", "max", extremeVjp);
const minOp = reduction("min", "min", extremeVjp);
const argMaxOp = reduction("argMax", "argMax", undefined, "int32");
const argMinOp = reduction("argMin", "argMin", undefined, "int32");

/** Applies a reduction over axes as a person names them. */
export function reduce(
  op: Op<ReduceAttrs>,
  x: Tensor,
  over: number | readonly number[] | undefined,
  options: ReduceOptions,
) {
  checkTensors(op.name, [x]);
  const axes = normalizeAxes(op.name, x.shape, over);
  const { keepDims } = pickOptions(`apply ${op.name}`, options, reduceOptions);
  const y = apply(op, [x], { axes });
  return keepDims ? reshape(y, shapeKept(x.shape, axes)) : y;
}

/**
 * The sum over axes (over all when left out). Bytes and truth values are counted as int32.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sum(tensor([[1, 2], [3, 4]]), 0))).data], [4, 6]);
 * ```
 */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(sumOp, x, axes, options);
}

/**
 * The mean over axes (over all when left out), of float32.
 *
 * @throws {TypeError} for another dtype.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.mean(tensor([[1, 2], [3, 4]])))).data], [2.5]);
 * ```
 */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensors("mean", [x]);
  if (x.dtype !== "float32") {
    throw new TypeError(`Cannot apply mean to ${x.dtype}: it takes float32 (see cast)`);
  }
  const count = sizeOf(normalizeAxes("mean", x.shape, axes).map((a) => x.shape[a]));
  const { keepDims } = pickOptions("apply mean", options, reduceOptions);
  return mul(sum(x, axes, { keepDims }), 1 / count);
}

/**
 * The largest element over axes (over all when left out); NaN if there is one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.max(tensor([[1, 2], [3, 0]]), 1))).data], [2, 3]);
 * ```
 */
export function max(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(maxOp, x, axes, options);
}

/**
 * The smallest element over axes (over all when left out); NaN if there is one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.min(tensor([[1, 2], [3, 0]]), 1))).data], [1, 0]);
 * ```
 */
export function min(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(minOp, x, axes, options);
}

/**
 * The position of the largest element along an axis (the last when left out), the first of several; int32. Where
 * there is NaN, the position of the first one. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.argMax(tensor([[1, 2], [3, 0]])))).data], [1, 0]);
 * ```
 */
export function argMax(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  return reduce(argMaxOp, x, axis, options);
}

/**
 * The position of the smallest element along an axis (the last when left out), the first of several; int32. Where
 * there is NaN, the position of the first one. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.argMin(tensor([[1, 2], [3, 0]])))).data], [0, 1]);
 * ```
 */
export function argMin(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  return reduce(argMinOp, x, axis, options);
}
