/** y = x, with y[..., indices[i], ...] += updates[..., i, ...] for each i in order */
import { formatShape, normalizeAxis, sameShape } from "../../engine/shape.ts";
import { apply, type Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { scatterSumOp } from "./gather.ts";

/**
 * `x` with updates added to slices along an axis (the first when left out), chosen by integer indices of any shape: the
 * updates have that shape in the place of the axis. It is what the gradient of {@linkcode gather} does. Updates to one place
 * are added in their order, so that the result has the same bits on every run and with any number of threads. An index
 * outside adds nothing.
 *
 * @throws {TypeError} when `x` and the updates are not both float32, int32 or uint32.
 * @throws {RangeError} when there is no such axis, or shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const words = tensor(new Int32Array([2, 0, 2]));
 * assertEquals([...(await compute(ops.scatterAdd(ops.zeros([3]), words, tensor([1, 10, 5])))).data], [10, 0, 6]);
 * ```
 */
export function scatterAdd(x: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor {
  const along = normalizeAxis("scatterAdd", x.shape, axis);
  const describe = (t: Tensor) => `${t.dtype} ${formatShape(t.shape)}`;
  const what =
    `Cannot apply scatterAdd to ${describe(x)} along axis ${axis} with indices ${describe(indices)} and ` +
    `updates ${describe(updates)}: `;
  if (!["float32", "int32", "uint32"].includes(x.dtype) || updates.dtype !== x.dtype) {
    throw new TypeError(`${what}both have to be float32, int32 or uint32`);
  }
  if (!["int32", "uint32", "uint8"].includes(indices.dtype)) {
    throw new RangeError(`${what}it takes int32, uint32 or uint8 indices`);
  }
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  if (!sameShape(updates.shape, shape)) {
    throw new RangeError(`${what}the updates have to be ${formatShape(shape)}`);
  }
  return add(x, apply(scatterSumOp, [updates, indices], { axis: along, shape: x.shape }));
}
