/**
 * Numbers on the host: a typed array with a shape. Everything that comes from a file, or goes to one, and
 * everything that is read back from a device has this form.
 */

/** The element types. `float16`, `uint8` and `bool` are for storage; arithmetic happens in the other three. */
export type DType = "float32" | "int32" | "uint32" | "float16" | "uint8" | "bool";

/** The typed arrays that hold elements on the host; `bool` is a `Uint8Array` of 0 and 1. */
export type TypedArray = Float32Array | Int32Array | Uint32Array | Float16Array | Uint8Array;

/** Numbers with a shape, row-major: the last axis varies fastest. */
export interface NdArray {
  /** The element type. */
  readonly dtype: DType;
  /** The size of each axis; `[]` is a single number. */
  readonly shape: readonly number[];
  /** The elements, as many as the product of `shape`. */
  readonly data: TypedArray;
}

const constructors = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float16: Float16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return dtype === "uint8" || dtype === "bool" ? 1 : dtype === "float16" ? 2 : 4;
}

/** A zeroed typed array for `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  return new constructors[dtype](length);
}

/** Views bytes as elements of `dtype`; copies when they are not aligned. */
export function viewBytes(dtype: DType, bytes: Uint8Array): TypedArray {
  const size = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new constructors[dtype](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / size,
  );
}

/** Wraps a typed array; throws when the number of elements does not fit the shape. */
export function ndarray(dtype: DType, shape: readonly number[], data: ArrayLike<number>): NdArray {
  const expected = shape.reduce((a, b) => a * b, 1);
  if (data.length !== expected) {
    throw new RangeError(
      `Cannot make an array of shape [${
        shape.join(", ")
      }]: it needs ${expected} elements, received ${data.length}`,
    );
  }
  const ctor = constructors[dtype];
  return { dtype, shape: [...shape], data: data instanceof ctor ? data : ctor.from(data) };
}
