/** Windows into one long stream: a text, a piece of music, the frames of a film. */
import type { NdArray } from "../engine/array.ts";
import { whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { countOf, type Field, usualField } from "./field.ts";

/** How {@linkcode windows} looks into a stream. */
export interface WindowsOptions {
  /** Elements of a window, at least 1. */
  readonly length: number;
  /** Elements from the beginning of a window to that of the next, at least 1; 1 when left out. */
  readonly stride?: number;
  /** Where the first window begins; 0 when left out. What comes next after each element is the same windows with shift 1. */
  readonly shift?: number;
}

/**
 * A field whose example i is `stream[i * stride + shift]` up to but without `stream[i * stride + shift + length]`. The stream is
 * never copied: on a device it is one tensor, and each step takes its windows out of it. Fields that look into the same array
 * share it there. A step gets `[batch, length, ...]`.
 *
 * @param stream An array `[elements, ...]`, of which whole numbers are read as {@linkcode tokens} and others as
 * {@linkcode numbers}; or a field of all elements.
 * @throws {TypeError | RangeError} when the stream is no such one, or not one window fits into it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Dataset, ndarray, windows } from "@gesso/gesso";
 *
 * const text = ndarray("uint8", [11], new TextEncoder().encode("hello world"));
 * const data = new Dataset({
 *   fields: { text: windows(text, { length: 4 }), next: windows(text, { length: 4, shift: 1 }) },
 *   targets: "next",
 * });
 * const show = (name: string) => new TextDecoder().decode(new Uint8Array(data.example(6).fields[name].data));
 * assertEquals([data.length, show("text"), show("next")], [7, "worl", "orld"]);
 * ```
 */
export function windows(stream: NdArray | Field, options: WindowsOptions): Field {
  const attempt = "use windows into";
  const { values, encoding } = isField(stream) ? stream : usualField(attempt, stream);
  if (encoding.kind === "windows") {
    throw new TypeError("Cannot use windows into windows: they look into a stream, such as tokens() give");
  }
  const { length, stride, shift } = readOptions("use windows", options, {
    length: required(whole(1)),
    stride: optional(whole(1), 1),
    shift: optional(whole(), 0),
  });
  const field: Field = { values, encoding: { kind: "windows", length, stride, shift, elements: encoding } };
  if (countOf(field) === 0) {
    throw new RangeError(
      `Cannot ${attempt} a stream of ${
        values.shape[0]
      } elements: one of ${length} from element ${shift} on ` +
        `needs ${shift + length}`,
    );
  }
  return field;
}

const isField = (value: unknown): value is Field =>
  typeof value === "object" && value !== null && "values" in value && "encoding" in value;
