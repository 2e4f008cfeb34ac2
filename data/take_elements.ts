/** Some elements of an array along its first axis. */
import { allocate, type NdArray, ndarray } from "../engine/array.ts";

/** Copies what `indices` name along the first axis, `[N, ...]`, in their order. */
export function takeElements(array: NdArray, indices: Uint32Array): NdArray {
  const size = array.data.length / array.shape[0];
  const data = allocate(array.dtype, indices.length * size);
  indices.forEach((from, to) => data.set(array.data.subarray(from * size, (from + 1) * size), to * size));
  return ndarray(array.dtype, [indices.length, ...array.shape.slice(1)], data);
}
