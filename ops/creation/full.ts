/** Tensors of known values: one number everywhere, or an array from the host. */
import {
  checkArray,
  type DType,
  dtypeOf,
  type NdArray,
  ndarray,
  type TypedArray,
} from "../../engine/array.ts";
import { dtypes, holdsValue, whatItHolds } from "../../engine/element.ts";
import { oneOf, shapeKind } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { checkShape, formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";

/** Names of dtypes. */
export const dtypeKind = oneOf(dtypes);

/**
 * A tensor of `shape` that holds `value` everywhere. It takes no memory: kernels that use it know the number.
 *
 * @throws {RangeError} when the dtype does not hold the value: 0.5 is no `int32`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.full([3], 7))).data], [7, 7, 7]);
 * ```
 */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  const attempt = "make a tensor";
  readValue(attempt, "dtype", dtype, dtypeKind);
  checkShape(attempt, shape);
  readValue(attempt, "value", value, {
    says: `right for its dtype: ${whatItHolds(dtype)}`,
    read: (given) => holdsValue(dtype, given) ? given : undefined,
    isNumeric: true,
  });
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
 * Typed arrays give their own dtype; lists give `float32` unless `dtype` says otherwise. With another dtype, all values
 * have to fit it: 1.5 is no `int32`.
 *
 * @throws {RangeError} when values do not fit the dtype, or their number the shape.
 * @throws {TypeError} when lists are not equally long or hold something else than numbers.
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
  const attempt = "make a tensor";
  if (shape !== undefined) readValue(attempt, "shape", shape, shapeKind);
  if (dtype !== undefined) readValue(attempt, "dtype", dtype, dtypeKind);
  if (typeof values === "object" && values !== null && "dtype" in values) {
    const array = checkArray(attempt, values);
    checkSameShape(array.shape, shape);
    return dtype === undefined || dtype === array.dtype ? array : ndarray(dtype, array.shape, array.data);
  }
  if (ArrayBuffer.isView(values)) {
    const found = dtype ?? dtypeOf(values);
    if (found) return ndarray(found, shape ?? [values.length], values);
    throw new TypeError(
      `Cannot ${attempt} of a ${
        Object.prototype.toString.call(values).slice(8, -1)
      } without a dtype: no dtype has ` +
        `such arrays, so it has to be said`,
    );
  }
  const found: number[] = [];
  for (let level: Nested = values as Nested; Array.isArray(level); level = level[0]) found.push(level.length);
  const flat = (found.length === 0 ? [values] : (values as unknown[]).flat(Infinity)) as number[];
  if (!isNested(values, found)) {
    throw new TypeError(
      `Cannot ${attempt} from these lists: they have to hold numbers and be equally long`,
    );
  }
  // A flat list may be given a shape; lists of lists have theirs.
  if (found.length > 1) checkSameShape(found, shape);
  return ndarray(dtype ?? "float32", shape ?? found, flat);
}

/** Whether lists have these lengths at each depth, with numbers at the bottom. */
function isNested(values: unknown, lengths: readonly number[]): boolean {
  if (lengths.length === 0) return typeof values === "number";
  return Array.isArray(values) && values.length === lengths[0] &&
    Array.from(values).every((value) => isNested(value, lengths.slice(1)));
}

function checkSameShape(own: Shape, asked: Shape | undefined): void {
  if (asked === undefined || sameShape(own, asked)) return;
  throw new RangeError(
    `Cannot make a tensor of shape ${formatShape(asked)} of values that have the shape ${
      formatShape(own)
    }: ` +
      `see reshape`,
  );
}
