/** How what is stored becomes what a step gets: bytes become scaled numbers, whole numbers become `int32`. */
import { allocate, type NdArray, ndarray } from "../engine/array.ts";

/** How one element, or an array of them, becomes numbers for a network. */
export type ElementEncoding =
  | {
    /** Numbers: `float32` of value * `scale` + `offset`. */
    readonly kind: "numbers";
    /** What a value is multiplied by. */
    readonly scale: number;
    /** What is added then. */
    readonly offset: number;
  }
  | {
    /** Class indices: `int32`. */
    readonly kind: "classes";
    /** The name of each class, in the order of their indices. */
    readonly classNames?: readonly string[];
  }
  | {
    /** Tokens: `int32`. */
    readonly kind: "tokens";
  };

/** How the values of a field are read: an example each, or windows into one stream of elements. */
export type Encoding = ElementEncoding | {
  /** Example i is stream[i * `stride` + `shift`] up to but without stream[i * `stride` + `shift` + `length`]. */
  readonly kind: "windows";
  /** Elements of a window. */
  readonly length: number;
  /** Elements from the beginning of a window to that of the next. */
  readonly stride: number;
  /** Where the first window begins. */
  readonly shift: number;
  /** How the stream's elements are read. */
  readonly elements: ElementEncoding;
};

/** What a step gets of a field for one example. */
export interface ExampleType {
  /** The element type. */
  readonly dtype: "float32" | "int32";
  /** The size of each axis, without that of examples. */
  readonly shape: readonly number[];
}

/** How single elements are read, in a stream or not. */
export const elementsOf = (encoding: Encoding): ElementEncoding =>
  encoding.kind === "windows" ? encoding.elements : encoding;

/** The element type of what a step gets. */
export const decodedType = (encoding: Encoding): "float32" | "int32" =>
  elementsOf(encoding).kind === "numbers" ? "float32" : "int32";

/** Stored values as a step gets them. Not copied where they are that already. */
export function decoded(stored: NdArray, encoding: Encoding): NdArray<"float32" | "int32"> {
  const elements = elementsOf(encoding);
  if (elements.kind !== "numbers") {
    return stored.dtype === "int32" ? stored : ndarray("int32", stored.shape, stored.data);
  }
  const { scale, offset } = elements;
  if (stored.dtype === "float32" && scale === 1 && offset === 0) return stored;
  const data = allocate("float32", stored.data.length);
  for (let i = 0; i < data.length; i++) data[i] = stored.data[i] * scale + offset;
  return ndarray("float32", stored.shape, data);
}
