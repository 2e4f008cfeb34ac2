/**
 * Element types of safetensors files that no array here has: what each becomes. All numbers stay what they are, but those of
 * F64, which are rounded.
 */
import type { DType, TypedArray } from "../../engine/array.ts";

/** An element type that is converted while it is read. */
export interface ForeignType {
  /** Bytes of an element in the file. */
  readonly bytes: number;
  /** What its elements become. */
  readonly dtype: DType;
  /** The elements of these bytes; a number that does not fit is given instead. */
  convert(bytes: Uint8Array): TypedArray | { readonly misfit: number | bigint };
}

/** Copied, so that elements begin at a multiple of their size. */
const aligned = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;

/** The upper half of a float32's bits. */
function fromBfloat16(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(aligned(bytes));
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return new Float32Array(words.buffer);
}

function fromDoubles(bytes: Uint8Array): Float32Array | { misfit: number } {
  const doubles = new Float64Array(aligned(bytes));
  const floats = Float32Array.from(doubles);
  const at = floats.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(doubles[i]));
  return at < 0 ? floats : { misfit: doubles[at] };
}

/** The lower word is the number where the upper one is nothing but its sign. */
const fromLong = (isSigned: boolean) => (bytes: Uint8Array): TypedArray | { misfit: bigint } => {
  const buffer = aligned(bytes);
  const words = new Int32Array(buffer);
  const numbers = isSigned ? new Int32Array(words.length / 2) : new Uint32Array(words.length / 2);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = words[2 * i];
    if (words[2 * i + 1] !== (isSigned ? words[2 * i] >> 31 : 0)) {
      return { misfit: isSigned ? new BigInt64Array(buffer)[i] : new BigUint64Array(buffer)[i] };
    }
  }
  return numbers;
};

/** The types by their codes in the file. */
export const foreignTypes: Readonly<Record<string, ForeignType>> = {
  F64: { bytes: 8, dtype: "float32", convert: fromDoubles },
  I64: { bytes: 8, dtype: "int32", convert: fromLong(true) },
  U64: { bytes: 8, dtype: "uint32", convert: fromLong(false) },
  BF16: { bytes: 2, dtype: "float32", convert: fromBfloat16 },
  I16: { bytes: 2, dtype: "int32", convert: (bytes) => Int32Array.from(new Int16Array(aligned(bytes))) },
  U16: { bytes: 2, dtype: "int32", convert: (bytes) => Int32Array.from(new Uint16Array(aligned(bytes))) },
  I8: { bytes: 1, dtype: "int32", convert: (bytes) => Int32Array.from(new Int8Array(aligned(bytes))) },
};
