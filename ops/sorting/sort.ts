/** y = the elements along an axis in order */
import { flag, whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions, readValue } from "../../engine/options.ts";
import { formatShape, normalizeAxis } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { sortPlaces } from "./sort_places.ts";
import { takeAt } from "./take_at.ts";

/** Options of {@linkcode sort} and {@linkcode argSort}. */
export interface SortOptions {
  /**
   * Whether the largest element comes first.
   *
   * @default {false}
   */
  readonly descending?: boolean;
}

/** Options of {@linkcode topK}. */
export interface TopKOptions {
  /**
   * Whether the smallest elements are wanted in place of the largest.
   *
   * @default {false}
   */
  readonly smallest?: boolean;
}

const sortOptions = { descending: optional(flag, false) };
const topKOptions = { smallest: optional(flag, false) };

function axisOf(name: string, x: Tensor, axis: number): number {
  const at = normalizeAxis(name, x.shape, axis);
  if (x.dtype === "float16") {
    throw new TypeError(`Cannot apply ${name} to float16: it takes all other dtypes (see cast)`);
  }
  return at;
}

/**
 * The elements along an axis (the last when left out) in order, the smallest first. NaN comes last in either order, and
 * equal elements keep the order that they have. The gradient goes back to where each came from.
 *
 * @throws {TypeError} for float16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.sort(tensor([3, 1, 2])))).data], [1, 2, 3]);
 * assertEquals([...(await compute(ops.sort(tensor([3, 1, 2]), 0, { descending: true }))).data], [3, 2, 1]);
 * ```
 */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  const at = axisOf("sort", x, axis);
  const { descending } = pickOptions("apply sort", options, sortOptions);
  return takeAt(x, sortPlaces(x, at, x.shape[at], descending), at);
}

/**
 * The positions from which {@linkcode sort} takes the elements along an axis (the last when left out), int32. Not
 * differentiable.
 *
 * @throws {TypeError} for float16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.argSort(tensor([3, 1, 2])))).data], [1, 2, 0]);
 * ```
 */
export function argSort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  const at = axisOf("argSort", x, axis);
  const { descending } = pickOptions("apply argSort", options, sortOptions);
  return sortPlaces(x, at, x.shape[at], descending);
}

/**
 * The `count` largest elements along an axis (the last when left out), the largest first, and their positions as int32. Of
 * equal ones, the first comes first; NaN comes last. Costs less than sorting, the less the fewer are wanted.
 *
 * @throws {RangeError} when the axis has fewer elements.
 * @throws {TypeError} for float16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { values, indices } = ops.topK(tensor([3, 1, 4, 2]), 2);
 * assertEquals([...(await compute(values)).data], [4, 3]);
 * assertEquals([...(await compute(indices)).data], [2, 0]);
 * ```
 */
export function topK(
  x: Tensor,
  count: number,
  axis = -1,
  options: TopKOptions = {},
): { values: Tensor; indices: Tensor } {
  const at = axisOf("topK", x, axis);
  const attempt = `apply topK to ${formatShape(x.shape)} along axis ${at}`;
  readValue(attempt, "count", count, whole(0, x.shape[at]));
  const { smallest } = pickOptions(attempt, options, topKOptions);
  const indices = sortPlaces(x, at, count, !smallest);
  return { values: takeAt(x, indices, at), indices };
}
