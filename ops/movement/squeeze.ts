/** The same elements, without axes of size 1 or with more of them */
import { formatShape, normalizeAxes, normalizeAxis } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { reshape } from "./reshape.ts";

/**
 * `x` without axes of size 1: without those that are named, or without all. Costs nothing.
 *
 * @throws {RangeError} when an axis that is named has another size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops, tensor } from "@gesso/gesso";
 *
 * assertEquals(ops.squeeze(tensor([[[1], [2]]])).shape, [2]);
 * assertEquals(ops.squeeze(tensor([[[1], [2]]]), -1).shape, [1, 2]);
 * ```
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  const named = normalizeAxes("squeeze", x.shape, axes);
  const other = named.find((axis) => x.shape[axis] !== 1);
  if (axes !== undefined && other !== undefined) {
    throw new RangeError(
      `Cannot apply squeeze to ${formatShape(x.shape)} along axis ${other}: its size is ${
        x.shape[other]
      }, not 1`,
    );
  }
  return reshape(x, x.shape.filter((n, axis) => n !== 1 || !named.includes(axis)));
}

/**
 * `x` with one more axis of size 1, which is number `axis` of the result; -1 puts it at the end. Costs nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops, tensor } from "@gesso/gesso";
 *
 * assertEquals(ops.expandDims(tensor([1, 2]), 0).shape, [1, 2]);
 * assertEquals(ops.expandDims(tensor([1, 2]), -1).shape, [2, 1]);
 * ```
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("expandDims", x.shape, axis, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}
