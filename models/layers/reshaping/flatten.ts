/** All axes of an example in one */
import { sizeOf } from "../../../engine/shape.ts";
import { flatten as flattenOf } from "../../../ops/movement/reshape.ts";
import type { Layer } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/**
 * A layer that joins all axes of an example into one: `[4, 4, 64]` to `[1024]`. Costs nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.flatten()], { inputShape: [4, 4, 64] }).outputShape, [1024]);
 * ```
 */
export function flatten(): Layer {
  return {
    type: "flatten",
    config: {},
    outputShape: (input) => [sizeOf(input)],
    weights: () => [],
    carry: needsWhole("it makes one row of all places"),
    apply: (x) => flattenOf(x),
  };
}
