/** Examples and parameters on the host with something else than finite numbers in them, in words. */
import type { NdArray } from "../../engine/array.ts";
import { formatShape, type Shape } from "../../engine/shape.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Field } from "../../data/field.ts";

/** Where an element lies, by its index in each axis. */
function placeOf(index: number, shape: Shape): string {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(index % shape[axis]);
    index = Math.floor(index / shape[axis]);
  }
  return formatShape(place);
}

/** Where an example's numbers begin and end. */
function rangeOf({ values, encoding }: Field, example: number): [number, number] {
  const size = values.data.length / values.shape[0];
  if (encoding.kind !== "windows") return [example * size, (example + 1) * size];
  const first = example * encoding.stride + encoding.shift;
  return [first * size, (first + encoding.length) * size];
}

/** The first of some examples, or of all, that has something else than finite numbers in it. */
export function badExample(data: Dataset, examples?: Iterable<number>): string | undefined {
  const floats = Object.entries(data.fields).filter(([, { values }]) => values.dtype === "float32");
  if (floats.length === 0) return undefined;
  for (const example of examples ?? Array(data.length).keys()) {
    for (const [what, field] of floats) {
      const { values: { data: numbers, shape }, encoding } = field;
      const [begin, end] = rangeOf(field, example);
      const own = encoding.kind === "windows" ? [encoding.length, ...shape.slice(1)] : shape.slice(1);
      for (let i = begin; i < end; i++) {
        if (Number.isFinite(numbers[i])) continue;
        const place = own.length > 0 ? ` at ${placeOf(i - begin, own)}` : "";
        return `example ${example} of ${data.name} has ${numbers[i]}${place} in its ${what}`;
      }
    }
  }
  return undefined;
}

/** The first parameter that has something else than finite numbers in it. */
export function badWeight(owner: string, weights: ReadonlyMap<string, NdArray>): string | undefined {
  for (const [name, { shape, data }] of weights) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) return `weight ${name} of ${owner} has ${data[bad]} at ${placeOf(bad, shape)}`;
  }
  return undefined;
}
