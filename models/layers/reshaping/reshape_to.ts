/** The elements of an example under another shape */
import { listOf, whole } from "../../../engine/option_kinds.ts";
import { readValue } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { reshape, zeros } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/**
 * A layer that gives each example another shape, in the same order: `[128]` to `[4, 4, 8]`. One size may be -1: it is what
 * is left. Costs nothing.
 *
 * @throws {RangeError} when the shape has another number of elements.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.dense({ units: 128 }), layers.reshapeTo([4, 4, -1])], { inputShape: [16] });
 * assertEquals(model.outputShape, [4, 4, 8]);
 * ```
 */
export function reshapeTo(shape: readonly number[]): Layer {
  const sizes = readValue("make reshapeTo", "shape", shape, listOf(whole(-1)));
  const apply = (x: Tensor) => reshape(x, [x.shape[0], ...sizes]);
  return {
    type: "reshapeTo",
    config: { shape: sizes },
    outputShape: (input) => apply(zeros([1, ...input])).shape.slice(1),
    weights: () => [],
    carry: needsWhole("its result has one shape, however long the piece is"),
    apply,
  };
}
