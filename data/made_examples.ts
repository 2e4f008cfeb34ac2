/** What a source has made: looked at when it comes. */
import { allocate, dtypeOf, type NdArray, type TypedArray } from "../engine/array.ts";
import { DataError } from "./data_error.ts";
import type { ElementEncoding } from "./encoding.ts";
import type { Generated, MadeExamples } from "./generated.ts";

/** Some examples, the elements of each field by its name. */
export interface ReadExamples {
  readonly count: number;
  readonly arrays: ReadonlyMap<string, TypedArray>;
}

/**
 * What was made, once it is sure that it is what the source says it makes.
 *
 * @param attempt The beginning of messages: `Cannot use example 3 of epoch 1 of points`.
 * @throws {DataError} when a field is missing, of another type or shape, or has more or fewer examples than others.
 */
export function readMade(attempt: string, source: Generated, made: MadeExamples): ReadExamples {
  const { name: file, fields } = source;
  const fail = (reason: string): never => {
    throw new DataError(file, `${attempt}: ${reason}`);
  };
  if (typeof made !== "object" || made === null) fail(`it is ${made}, no object with fields by their names`);
  const other = Object.keys(made).find((name) => !Object.hasOwn(fields, name));
  if (other !== undefined) fail(`there is no field ${other}, but ${Object.keys(fields).join(", ")}`);
  const arrays = new Map<string, TypedArray>();
  const counts = new Set<number>();
  for (const [name, { dtype, shape, encoding }] of Object.entries(fields)) {
    const { data, own } = elementsIn(made[name], dtype, shape.length === 0);
    const count = (data?.length ?? 0) / shape.reduce((a, b) => a * b, 1);
    const inner = own && own.length > shape.length ? own.slice(1) : own;
    const fits = !inner || inner.length === shape.length && inner.every((n, i) => n === shape[i]);
    if (!data || !Number.isInteger(count) || !fits) {
      return fail(
        `field ${name} is ${describe(made[name])}, it has to be ${dtype} [${
          shape.join(", ")
        }] or several of these`,
      );
    }
    const fault = faultOfElements(encoding, data);
    if (fault) fail(`field ${name} ${fault}`);
    arrays.set(name, data);
    counts.add(count);
  }
  if (counts.size > 1) fail(`its fields have ${[...counts].join(" and ")} examples, all need as many`);
  return { count: [...counts][0], arrays };
}

/** The elements of what was made for a field, if they are of its type, with the shape that they came in. */
function elementsIn(
  value: NdArray | TypedArray | number | undefined,
  dtype: "uint8" | "int32" | "float32",
  isSingle: boolean,
): { data?: TypedArray; own?: readonly number[] } {
  if (typeof value === "number" && isSingle) {
    const data = allocate(dtype, 1);
    data[0] = value;
    // What it cannot hold would become another number.
    return dtype === "float32" || data[0] === value ? { data } : {};
  }
  if (ArrayBuffer.isView(value)) return dtypeOf(value) === dtype ? { data: value } : {};
  const array = value as NdArray | undefined;
  if (array?.dtype !== dtype || dtypeOf(array.data) !== dtype || !Array.isArray(array.shape)) return {};
  const isAll = array.shape.reduce((a, b) => a * b, 1) === array.data.length;
  return isAll ? { data: array.data, own: array.shape } : {};
}

function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    return `${(value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]} with ${
      (value as TypedArray).length
    } elements`;
  }
  if (Array.isArray(value)) return "a plain array";
  if (typeof value !== "object" || value === null) return value === undefined ? "missing" : String(value);
  return "shape" in value && "dtype" in value ? `${value.dtype} [${value.shape}]` : "an object";
}

/** Class indices have to be some. */
function faultOfElements(encoding: ElementEncoding, data: TypedArray): string | undefined {
  if (encoding.kind !== "classes") return undefined;
  const classes = encoding.classNames?.length ?? Infinity;
  const wrong = data.findIndex((index) => index < 0 || index >= classes);
  if (wrong < 0) return undefined;
  return `has class ${data[wrong]}, they count from 0${classes === Infinity ? "" : ` to ${classes - 1}`}`;
}
