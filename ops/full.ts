/** Tensors of known values: one number everywhere, or an array from the host. */
import { type DType, type NdArray, ndarray, type TypedArray } from "../engine/array.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "../engine/shape.ts";
import { apply, leaf, type Tensor } from "../engine/tensor.ts";

/**
 * A tensor of `shape` that holds `value` everywhere. It takes no memory: kernels that use it know the number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, full } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(full([3], 7))).data], [7, 7, 7]);
 * ```
 */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  checkShape("a tensor", shape);
  const type = { dtype, shape: [...shape] };
  return apply(leaf, [], { kind: "constant", name: String(value), type, data: value });
}

/** Zeros of `shape`; see {@linkcode full}. */
export const zeros = (shape: Shape, dtype: DType = "float32"): Tensor => full(shape, 0, dtype);

/** Ones of `shape`; see {@linkcode full}. */
export const ones = (shape: Shape, dtype: DType = "float32"): Tensor => full(shape, 1, dtype);

/** Numbers, or lists of numbers, or lists of those, all of one length at each depth. */
export type Nested = number | readonly Nested[];

/**
 * A constant tensor from nested lists, a typed array or an {@linkcode NdArray}.
 *
 * Typed arrays give their own dtype; lists give `float32` unless `dtype` says otherwise.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tensor } from "@gesso/gesso";
 *
 * assertEquals([...tensor([[1, 2, 3], [4, 5, 6]]).shape], [2, 3]);
 * assertEquals(tensor(new Int32Array(4), [2, 2]).dtype, "int32");
 * ```
 */
export function tensor(values: Nested | TypedArray | NdArray, shape?: Shape, dtype?: DType): Tensor {
  const array = toNdArray(values, shape, dtype);
  return apply(leaf, [], {
    kind: "constant",
    name: `constant ${formatShape(array.shape)}`,
    type: array,
    data: array.data,
  });
}

function toNdArray(values: Nested | TypedArray | NdArray, shape?: Shape, dtype?: DType): NdArray {
  if (typeof values === "object" && "dtype" in values) return values;
  if (ArrayBuffer.isView(values)) {
    const own: DType = values instanceof Float32Array
      ? "float32"
      : values instanceof Int32Array
      ? "int32"
      : values instanceof Uint32Array
      ? "uint32"
      : "uint8";
    return ndarray(dtype ?? own, shape ?? [values.length], values);
  }
  const found: number[] = [];
  for (let level: Nested = values as Nested; Array.isArray(level); level = level[0]) found.push(level.length);
  const flat = (found.length === 0 ? [values] : (values as unknown[]).flat(Infinity)) as number[];
  if (flat.length !== sizeOf(found) || flat.some((v) => typeof v !== "number")) {
    throw new TypeError(
      `Cannot make a tensor from these lists: they have to hold numbers and be equally long`,
    );
  }
  return ndarray(dtype ?? "float32", shape ?? found, flat);
}
