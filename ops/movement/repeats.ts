/** Elements, or whole axes, several times */
import { either, listOf, sizesFrom, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, normalizeAxis } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { broadcastTo } from "./broadcast_to.ts";
import { tensor } from "../creation/full.ts";
import { gather } from "./gather.ts";
import { reshape } from "./reshape.ts";

/**
 * Each slice along an axis (the last when left out) so many times in a row: as many of each, or other counts for each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.repeat(tensor([1, 2]), 3))).data], [1, 1, 1, 2, 2, 2]);
 * assertEquals([...(await compute(ops.repeat(tensor([1, 2]), [1, 2]))).data], [1, 2, 2]);
 * ```
 */
export function repeat(x: Tensor, counts: number | readonly number[], axis = -1): Tensor {
  const at = normalizeAxis("repeat", x.shape, axis);
  const n = x.shape[at];
  const attempt = `apply repeat to ${formatShape(x.shape)} along axis ${at}`;
  readValue(attempt, "counts", counts, either(whole(), sizesFrom(0, n)));
  if (typeof counts !== "number") {
    const places = counts.flatMap((count, i) => new Array<number>(count).fill(i));
    if (n === 0) return x;
    return gather(x, tensor(Int32Array.from(places)), at);
  }
  const stretched = [...x.shape.slice(0, at + 1), counts, ...x.shape.slice(at + 1)];
  const before = reshape(x, stretched.map((size, a) => a === at + 1 ? 1 : size));
  return reshape(broadcastTo(before, stretched), x.shape.map((size, a) => a === at ? n * counts : size));
}

/**
 * The whole of `x` so many times in a row along each axis. Counts for more axes than there are put new ones in front.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.tile(tensor([1, 2]), [3]))).data], [1, 2, 1, 2, 1, 2]);
 * assertEquals(ops.tile(tensor([1, 2]), [2, 1]).shape, [2, 2]);
 * ```
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  readValue(`apply tile to ${formatShape(x.shape)}`, "counts", counts, listOf(whole()));
  const rank = Math.max(x.rank, counts.length);
  const sizes = [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  const times = [...new Array<number>(rank - counts.length).fill(1), ...counts];
  const apart = reshape(x, sizes.flatMap((n) => [1, n]));
  const stretched = broadcastTo(apart, sizes.flatMap((n, axis) => [times[axis], n]));
  return reshape(stretched, sizes.map((n, axis) => n * times[axis]));
}
