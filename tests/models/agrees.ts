import { assert, assertEquals } from "@std/assert";
import type { NdArray } from "../../engine/array.ts";

/** Throws unless all elements are within 1e-5 of the largest one that is expected. */
export function assertAgrees(actual: NdArray, expected: NdArray, what: string): void {
  assertEquals([...actual.shape], [...expected.shape], what);
  const largest = Math.max(...Array.from(expected.data, Math.abs));
  const most = Math.max(...Array.from(actual.data, (value, i) => Math.abs(value - expected.data[i])));
  // Softmax does not change when a number is added to all scores: the gradient of a bias of keys is rounding and nothing else.
  const allowed = largest < 1e-12 ? 1e-6 : 1e-5 * largest;
  assert(most <= allowed, `${what} is off by ${most}, its largest element is ${largest}`);
}
