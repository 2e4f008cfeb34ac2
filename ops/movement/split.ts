/** A tensor in pieces along an axis */
import { either, sizesFrom, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, normalizeAxis } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { slice } from "./slice.ts";

/**
 * Pieces of `x` one after another along an axis (the first when left out): so many of one size, or of these sizes. They are
 * slices: nothing is copied where other ops use them.
 *
 * @throws {RangeError} when the pieces do not add up to the axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const [a, b] = ops.split(tensor([1, 2, 3, 4]), 2);
 * assertEquals([...(await compute(b)).data], [3, 4]);
 * assertEquals(ops.split(tensor([1, 2, 3, 4]), [1, 3]).map((piece) => piece.size), [1, 3]);
 * assertEquals(a.shape, [2]);
 * ```
 */
export function split(x: Tensor, pieces: number | readonly number[], axis = 0): Tensor[] {
  const at = normalizeAxis("split", x.shape, axis);
  const n = x.shape[at];
  const attempt = `apply split to ${formatShape(x.shape)} along axis ${at}`;
  readValue(attempt, "pieces", pieces, either(whole(1), sizesFrom(0)));
  const sizes = typeof pieces === "number" ? new Array<number>(pieces).fill(n / pieces) : pieces;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== n || sizes.some((size) => !Number.isInteger(size))) {
    throw new RangeError(
      typeof pieces === "number"
        ? `Cannot ${attempt} in ${pieces} pieces: ${n} does not divide by ${pieces}`
        : `Cannot ${attempt} in pieces of ${formatShape(sizes)}: they add up to ${total}, the axis has ${n}`,
    );
  }
  let start = 0;
  return sizes.map((size) => {
    const piece = slice(
      x,
      x.shape.map((_, a) => a === at ? start : 0),
      x.shape.map((m, a) => a === at ? size : m),
    );
    start += size;
    return piece;
  });
}
