/** y_a[i_0, i_1, ...] = x_a[i_a] */
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { broadcastTo } from "../movement/broadcast_to.ts";
import { reshape } from "../movement/reshape.ts";

/**
 * The coordinates of a grid: for each axis a tensor that has one axis for each of them, and changes along its own. Takes no
 * memory where it is used by other ops.
 *
 * @throws {RangeError} when one has not just one axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const [row, column] = ops.meshgrid(tensor([1, 2]), tensor([5, 6, 7]));
 * assertEquals([...(await compute(row)).data], [1, 1, 1, 2, 2, 2]);
 * assertEquals([...(await compute(column)).data], [5, 6, 7, 5, 6, 7]);
 * ```
 */
export function meshgrid(...coordinates: readonly Tensor[]): Tensor[] {
  const other = coordinates.find((x) => x.rank !== 1);
  if (other) {
    throw new RangeError(
      `Cannot apply meshgrid to ${coordinates.map((x) => formatShape(x.shape)).join(" and ")}: ` +
        `each has to have one axis, ${formatShape(other.shape)} has ${other.rank}`,
    );
  }
  const shape = coordinates.map((x) => x.size);
  return coordinates.map((x, axis) =>
    broadcastTo(reshape(x, shape.map((n, a) => a === axis ? n : 1)), shape)
  );
}
