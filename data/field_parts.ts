/** Some examples of fields: copied by their numbers, or a part of what is stored. */
import { type NdArray, ndarray } from "../engine/array.ts";
import type { Field } from "./field.ts";
import { takeElements } from "./take_elements.ts";

/** The examples that `indices` name, as they are stored, `[n, ...]`; of windows, `[n, length, ...]`. A copy. */
export function examplesOf({ values, encoding }: Field, indices: Uint32Array): NdArray {
  if (encoding.kind !== "windows") return takeElements(values, indices);
  const { length, stride, shift } = encoding;
  const elements = new Uint32Array(indices.length * length);
  indices.forEach((index, i) => {
    for (let j = 0; j < length; j++) elements[i * length + j] = index * stride + shift + j;
  });
  const { dtype, shape, data } = takeElements(values, elements);
  return ndarray(dtype, [indices.length, length, ...shape.slice(1)], data);
}

/** A part of an array along its first axis, not copied. */
export function rangeOf({ dtype, shape, data }: NdArray, start: number, end: number): NdArray {
  const size = data.length / shape[0];
  return ndarray(dtype, [end - start, ...shape.slice(1)], data.subarray(start * size, end * size));
}

/** How many of the first examples have nothing in common with those from `start` on: windows may reach into these. */
export function apartFrom(fields: readonly Field[], start: number): number {
  let count = start;
  for (const early of fields) {
    for (const late of fields) {
      if (early.values !== late.values) continue;
      const [, end] = rangeSeen(early.encoding, 0, 1);
      const [limit] = rangeSeen(late.encoding, start, start + 1);
      const step = early.encoding.kind === "windows" ? early.encoding.stride : 1;
      count = Math.min(count, Math.floor((limit - end) / step) + 1);
    }
  }
  return Math.max(0, count);
}

/**
 * The fields of the examples from `start` up to but without `end`, not copied. Of a stream remains what their windows see;
 * fields that share one still do.
 */
export function slicedFields(
  fields: Readonly<Record<string, Field>>,
  start: number,
  end: number,
): Record<string, Field> {
  const seen = new Map<NdArray, [low: number, high: number]>();
  for (const { values, encoding } of Object.values(fields)) {
    const range = rangeSeen(encoding, start, end);
    const [low, high] = seen.get(values) ?? range;
    seen.set(values, [Math.min(low, range[0]), Math.max(high, range[1])]);
  }
  const parts = new Map(
    [...seen].map(([values, [low, high]]) => [values, { low, values: rangeOf(values, low, high) }]),
  );
  return Object.fromEntries(
    Object.entries(fields).map(([name, { values, encoding }]) => {
      const part = parts.get(values)!;
      if (encoding.kind !== "windows") {
        const isAll = part.values.shape[0] === end - start;
        const own = isAll ? part.values : rangeOf(part.values, start - part.low, end - part.low);
        return [name, { values: own, encoding }];
      }
      const shift = encoding.shift + start * encoding.stride - part.low;
      return [name, { values: part.values, encoding: { ...encoding, shift } }];
    }),
  );
}

function rangeSeen(encoding: Field["encoding"], start: number, end: number): [low: number, high: number] {
  if (encoding.kind !== "windows") return [start, end];
  const { length, stride, shift } = encoding;
  return [start * stride + shift, (end - 1) * stride + shift + length];
}
