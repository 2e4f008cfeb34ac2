/**
 * Numbers on the host: a typed array with a shape. Everything that comes from a file, or goes to one, and
 * everything that is read back from a device has this form. All that comes in from outside is checked here: that the
 * typed array is the dtype's own, that it is as long as its shape says, and that values fit.
 */
import type { DType } from "./dtype.ts";
import { dtypes, holdsValue, quoted, whatItHolds } from "./element.ts";
import { checkShape, formatShape, sizeOf } from "./shape.ts";

export type { DType } from "./dtype.ts";

/** The typed array that holds elements of each dtype on the host; `bool` is bytes of 0 and 1. */
export interface ElementArrays {
  /** Single precision. */
  float32: Float32Array;
  /** Signed whole numbers. */
  int32: Int32Array;
  /** Whole numbers from 0. */
  uint32: Uint32Array;
  /** Half precision. */
  float16: Float16Array;
  /** Whole numbers from 0 to 255. */
  uint8: Uint8Array;
  /** Truth values: 0 and 1. */
  bool: Uint8Array;
}

/** The typed arrays that hold elements on the host. */
export type TypedArray = ElementArrays[DType];

/**
 * Numbers with a shape, row-major: the last axis varies fastest. `dtype` decides what `data` is: that of a
 * `NdArray<"uint8">` is a `Uint8Array`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { NdArray } from "@gesso/gesso";
 *
 * const pixels: NdArray = { dtype: "uint8", shape: [2, 2], data: new Uint8Array(4) };
 * assertEquals(pixels.data.length, 4);
 * ```
 */
export type NdArray<D extends DType = DType> = {
  [K in D]: {
    /** The element type. */
    readonly dtype: K;
    /** The size of each axis; `[]` is a single number. */
    readonly shape: readonly number[];
    /** The elements, as many as the product of `shape`. */
    readonly data: ElementArrays[K];
  };
}[D];

const names: Record<DType, string> = {
  float32: "Float32Array",
  int32: "Int32Array",
  uint32: "Uint32Array",
  float16: "Float16Array",
  uint8: "Uint8Array",
  bool: "Uint8Array",
};

interface ArrayConstructor {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/** Looked up when it is needed: some runtimes have no `Float16Array`, and do very well without halves. */
function constructorOf(dtype: DType): ArrayConstructor {
  const found = (globalThis as unknown as Record<string, ArrayConstructor | undefined>)[names[dtype]];
  if (found) return found;
  throw new TypeError(
    `Cannot make an array of ${dtype}: this runtime has no ${
      names[dtype]
    }; Deno has, and Node from version 24 on`,
  );
}

/** What kind of array a value is (`Float32Array`), or what else. Arrays of another realm count as what they are. */
function kindOf(value: unknown): string {
  if (!ArrayBuffer.isView(value)) return Array.isArray(value) ? "a list" : quoted(value);
  return (value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
}

const isOwn = (dtype: DType, data: unknown): data is TypedArray =>
  ArrayBuffer.isView(data) && kindOf(data) === names[dtype];

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return dtype === "uint8" || dtype === "bool" ? 1 : dtype === "float16" ? 2 : 4;
}

/** A zeroed typed array for `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): ElementArrays[D] {
  return new (constructorOf(dtype))(length) as ElementArrays[D];
}

/** Views bytes as elements of `dtype`; copies when they are not aligned. */
function viewBytes<D extends DType>(dtype: D, bytes: Uint8Array): ElementArrays[D] {
  const size = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  return new (constructorOf(dtype))(buffer, byteOffset, byteLength / size) as ElementArrays[D];
}

/** An array whose elements are these bytes: views of them where they are aligned. */
export function arrayOfBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array): NdArray {
  return { dtype, shape, data: viewBytes(dtype, bytes) } as NdArray;
}

/** The dtype whose own array this is; `undefined` for other arrays. Bytes are `uint8`. */
export function dtypeOf(data: unknown): DType | undefined {
  return dtypes.find((dtype) => isOwn(dtype, data));
}

function checkDType(attempt: string, dtype: unknown): asserts dtype is DType {
  if (dtypes.includes(dtype as DType)) return;
  throw new TypeError(`Cannot ${attempt} of dtype ${quoted(dtype)}: there are ${dtypes.join(", ")}`);
}

/**
 * Throws unless a dtype and a shape are such.
 *
 * @param attempt What is being done, for messages: `use input "x"`.
 */
export function checkType(attempt: string, type: unknown): void {
  const { dtype, shape } = (type ?? {}) as Partial<NdArray>;
  checkDType(attempt, dtype);
  checkShape(attempt, shape);
}

function checkCount(attempt: string, shape: readonly number[], received: number): void {
  if (received === sizeOf(shape)) return;
  throw new RangeError(
    `Cannot ${attempt} of shape ${formatShape(shape)}: it needs ${
      sizeOf(shape)
    } elements, received ${received}`,
  );
}

/** The only own array with bits that mean nothing is that of truth values. */
function checkTruthValues(attempt: string, data: ArrayLike<number>): void {
  for (let i = 0; i < data.length; i++) if (data[i] > 1) refuseElement(attempt, "bool", i, data[i]);
}

function refuseElement(attempt: string, dtype: DType, at: number, value: unknown): never {
  const reason = typeof value === "number" ? "" : ", which is no number";
  const kind = reason ? TypeError : RangeError;
  throw new kind(`Cannot ${attempt}: element ${at} is ${quoted(value)}${reason}; ${whatItHolds(dtype)}`);
}

/**
 * The elements, once it is sure that they are what their dtype says: its own typed array, of 0 and 1 if it is `bool`.
 *
 * @param attempt What is being done, for messages: `set weight "kernel"`.
 */
export function checkElements<D extends DType>(attempt: string, dtype: D, data: unknown): ElementArrays[D] {
  if (!isOwn(dtype, data)) {
    throw new TypeError(
      `Cannot ${attempt}: elements of ${dtype} are in a ${names[dtype]}, received ${kindOf(data)}${
        ArrayBuffer.isView(data) && "length" in data ? ` with ${data.length}` : ""
      }`,
    );
  }
  if (dtype === "bool") checkTruthValues(attempt, data as Uint8Array);
  return data as ElementArrays[D];
}

/**
 * An array that came from outside, once it is sure that it is one: dtype, shape, its own typed array of that length,
 * values that mean something.
 *
 * @param attempt What is being done, for messages: `set weight "kernel"`.
 */
export function checkArray(attempt: string, array: unknown): NdArray {
  const isRecord = typeof array === "object" && array !== null && "dtype" in array && "shape" in array;
  if (!isRecord) {
    throw new TypeError(
      `Cannot ${attempt}: it takes an array with dtype, shape and data (see ndarray), received ${
        kindOf(array)
      }`,
    );
  }
  const { dtype, shape, data } = array as NdArray;
  checkType(attempt, array);
  checkElements(attempt, dtype, data);
  checkCount(attempt, shape, data.length);
  return array as NdArray;
}

/**
 * Numbers with a dtype and a shape. A typed array that is the dtype's own is taken as it is, without a copy; other
 * numbers are converted, and have to fit: 300 and 1.7 are no `uint8`.
 *
 * @throws {RangeError} when there are more or fewer numbers than the shape has elements, or one does not fit the dtype.
 * @throws {TypeError} when there is no such dtype, or an element is no number.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { ndarray } from "@gesso/gesso";
 *
 * assertEquals(ndarray("uint8", [2], [0, 255]).data, new Uint8Array([0, 255]));
 * assertThrows(() => ndarray("uint8", [1], [300]), RangeError);
 * ```
 */
export function ndarray<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: ArrayLike<number>,
): NdArray<D> {
  const attempt = "make an array";
  checkType(attempt, { dtype, shape });
  if (typeof data !== "object" || data === null || typeof data.length !== "number") {
    throw new TypeError(`Cannot ${attempt} of ${quoted(data)}: it takes a list of numbers or a typed array`);
  }
  checkCount(attempt, shape, data.length);
  const elements = isOwn(dtype, data) ? checkElements(attempt, dtype, data) : converted(dtype, data);
  // The types of dtype and elements go together, which is more than can be said of a dtype that is not known.
  return { dtype, shape: [...shape], data: elements } as unknown as NdArray<D>;
}

function converted(dtype: DType, data: ArrayLike<number>): TypedArray {
  const elements = allocate(dtype, data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!holdsValue(dtype, value)) refuseElement(`make an array of ${dtype}`, dtype, i, value);
    elements[i] = value;
  }
  return elements;
}
