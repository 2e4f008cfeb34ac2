/** The axes of an example in another order */
import { listOf, whole } from "../../../engine/option_kinds.ts";
import { readValue } from "../../../engine/options.ts";
import { formatShape } from "../../../engine/shape.ts";
import { transpose } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/**
 * A layer that reorders the axes of each example, which are counted from 0 without the batch: axis `i` of the result is
 * axis `axes[i]` of the input.
 *
 * @throws {RangeError} when `axes` does not name each axis once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.permute([1, 0])], { inputShape: [100, 8] }).outputShape, [8, 100]);
 * ```
 */
export function permute(axes: readonly number[]): Layer {
  const order = readValue("make permute", "axes", axes, listOf(whole()));
  return {
    type: "permute",
    config: { axes: order },
    outputShape: (input) => {
      const isEach = new Set(order).size === input.length && order.every((axis) => axis < input.length);
      if (!isEach || order.length !== input.length) {
        throw new RangeError(
          `Cannot use permute ${formatShape(order)} on ${
            formatShape(input)
          }: it has to name each axis from 0 to ${input.length - 1} once, without the batch axis`,
        );
      }
      return order.map((axis) => input[axis]);
    },
    weights: () => [],
    carry: order[0] === 0 ? undefined : needsWhole("places are not its first axis any more"),
    apply: (x) => transpose(x, [0, ...order.map((axis) => axis + 1)]),
  };
}
