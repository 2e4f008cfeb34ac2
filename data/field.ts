/** Fields of a data set: arrays, each with the way in which it is read. */
import { checkArray, type DType, type NdArray } from "../engine/array.ts";
import { finite, listOf, numberThat, text } from "../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../engine/options.ts";
import { decodedType, type ElementEncoding, type Encoding, type ExampleType } from "./encoding.ts";

/** One thing that is known of every example: an image, a label, a text. */
export interface Field {
  /** The values as they are stored: `[examples, ...]`, or one stream `[elements, ...]` that windows look into. */
  readonly values: NdArray;
  /** How they become what a step gets. */
  readonly encoding: Encoding;
}

const namesKind = listOf(text);

/** What values may be multiplied by. */
export const scaleKind = numberThat(
  "a finite number other than 0",
  (value) => Number.isFinite(value) && value !== 0,
);

/** What bytes are multiplied by if nothing else is said: they are pixels. */
export const usualScale = (dtype: DType): number => dtype === "uint8" ? 1 / 255 : 1;

/**
 * Numbers: `uint8` or `float32` `[examples, ...]`, which a step gets as `float32`, multiplied by `scale` (1/255 for bytes and 1
 * for `float32` when left out), plus `offset` (0 when left out). Images are `[examples, height, width, channels]`.
 *
 * @throws {TypeError | RangeError} when the array is no such one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Dataset, ndarray, numbers } from "@gesso/gesso";
 *
 * // Bytes as numbers from -1 to 1.
 * const level = numbers(ndarray("uint8", [2], [0, 255]), { scale: 2 / 255, offset: -1 });
 * const [batch] = new Dataset({ fields: { level } }).batches(2);
 * assertEquals([...batch.fields.level.data], [-1, 1]);
 * ```
 */
export function numbers(array: NdArray, options: { scale?: number; offset?: number } = {}): Field {
  const values = readArray("use numbers", array, ["uint8", "float32"], "; classes and tokens take int32");
  const { scale, offset } = readOptions("use numbers", options, {
    scale: optional(scaleKind, usualScale(values.dtype)),
    offset: optional(finite, 0),
  });
  return { values, encoding: { kind: "numbers", scale, offset } };
}

/**
 * Class indices: `uint8` or `int32` `[examples, ...]`, which a step gets as `int32`.
 *
 * @param array One index an example, or several: one for each pixel, say.
 * @param classNames The name of each class, in the order of their indices.
 * @throws {TypeError | RangeError} when the array is no such one, or an index is below 0 or has no name.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { classes, ndarray } from "@gesso/gesso";
 *
 * classes(ndarray("uint8", [3], [0, 1, 1]), ["cat", "dog"]);
 * assertThrows(() => classes(ndarray("uint8", [1], [2]), ["cat", "dog"]), RangeError, "class 2");
 * ```
 */
export function classes(array: NdArray, classNames?: readonly string[]): Field {
  const values = readArray("use classes", array, ["uint8", "int32"]);
  const names = classNames && readValue("use classes", "classNames", classNames, namesKind);
  const wrong = values.data.findIndex((index) => index < 0 || index >= (names?.length ?? Infinity));
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot use classes with ${names ? `${names.length} names` : "no names"}: element ${wrong} is class ` +
        `${values.data[wrong]}, they count from 0${names ? ` to ${names.length - 1}` : ""}`,
    );
  }
  return { values, encoding: { kind: "classes", classNames: names } };
}

/**
 * Tokens, such as characters or notes by their numbers: `uint8` or `int32` `[examples, ...]`, which a step gets as `int32`. A
 * whole text is a stream for {@linkcode windows}.
 *
 * @throws {TypeError | RangeError} when the array is no such one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Dataset, ndarray, tokens } from "@gesso/gesso";
 *
 * const data = new Dataset({ fields: { word: tokens(ndarray("int32", [2, 3], [5, 6, 7, 8, 9, 10])) } });
 * assertEquals(data.types.word, { dtype: "int32", shape: [3] });
 * ```
 */
export function tokens(array: NdArray): Field {
  return { values: readArray("use tokens", array, ["uint8", "int32"]), encoding: { kind: "tokens" } };
}

/** How elements of a type are read if nothing is said: bytes as pixels, other whole numbers as tokens. */
export function usualEncoding(dtype: DType): ElementEncoding {
  return dtype === "int32" ? { kind: "tokens" } : { kind: "numbers", scale: usualScale(dtype), offset: 0 };
}

/** How a stream is read if nothing is said: whole numbers as tokens, others as numbers. */
export function usualField(attempt: string, array: NdArray): Field {
  const values = readArray(attempt, array, ["uint8", "int32", "float32"]);
  return values.dtype === "float32" ? numbers(values) : tokens(values);
}

/** An array with an axis of examples, at least one, and one of these types. */
export function readArray(attempt: string, array: NdArray, dtypes: readonly DType[], advice = ""): NdArray {
  const { dtype, shape } = checkArray(attempt, array);
  const received = `Cannot ${attempt} ${dtype} [${shape.join(", ")}]`;
  if (!dtypes.includes(dtype)) {
    throw new TypeError(`${received}: it has to be ${dtypes.join(" or ")}${advice}`);
  }
  if (shape.length === 0 || shape[0] < 1) {
    throw new RangeError(`${received}: the first axis counts examples, at least one`);
  }
  return array;
}

const storedTypes: Record<ElementEncoding["kind"], readonly DType[]> = {
  numbers: ["uint8", "float32"],
  classes: ["uint8", "int32"],
  tokens: ["uint8", "int32"],
};

/** The types that values of an encoding may be stored as. */
export const typesStoredAs = ({ kind }: ElementEncoding): readonly DType[] => storedTypes[kind];

/** How many examples there are; of windows, how many there can be. */
export function countOf({ values: { shape: [count] }, encoding }: Field): number {
  if (encoding.kind !== "windows") return count;
  const { length, stride, shift } = encoding;
  return Math.max(0, Math.floor((count - shift - length) / stride) + 1);
}

/** What a step gets of one example. */
export function exampleType({ values: { shape }, encoding }: Field): ExampleType {
  const inner = shape.slice(1);
  return {
    dtype: decodedType(encoding),
    shape: encoding.kind === "windows" ? [encoding.length, ...inner] : inner,
  };
}
