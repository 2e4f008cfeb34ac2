/** Some examples of an array. */
import { allocate, type NdArray, ndarray } from "../engine/array.ts";

/** Copies the examples that `indices` name, `[N, ...]`, in their order. */
export function rows(array: NdArray, indices: Uint32Array): NdArray {
  const size = array.data.length / array.shape[0];
  const data = allocate(array.dtype, indices.length * size);
  indices.forEach((from, to) => data.set(array.data.subarray(from * size, (from + 1) * size), to * size));
  return ndarray(array.dtype, [indices.length, ...array.shape.slice(1)], data);
}
