/** Layers that move nothing but the shape of an example, or the order of its axes */
import { listOf, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { reshape, transpose, zeros } from "../../ops/mod.ts";
import type { Layer } from "../layer.ts";

/**
 * A layer that gives each example another shape, in the same order: `[128]` to `[4, 4, 8]`. One size may be -1: it is what
 * is left. Costs nothing.
 *
 * @throws {RangeError} when the shape has another number of elements.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, reshapeTo, sequential } from "@gesso/gesso";
 *
 * const model = sequential([dense({ units: 128 }), reshapeTo([4, 4, -1])], { inputShape: [16] });
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
    apply,
  };
}

/**
 * A layer that reorders the axes of each example, which are counted from 0 without the batch: axis `i` of the result is
 * axis `axes[i]` of the input.
 *
 * @throws {RangeError} when `axes` does not name each axis once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { permute, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([permute([1, 0])], { inputShape: [100, 8] }).outputShape, [8, 100]);
 * ```
 */
export function permute(axes: readonly number[]): Layer {
  const order = readValue("make permute", "axes", axes, listOf(whole()));
  return {
    type: "permute",
    config: { axes: order },
    outputShape: (input) => {
      if (input.length !== order.length || input.some((_, axis) => !order.includes(axis))) {
        throw new RangeError(
          `Cannot use permute ${formatShape(order)} on ${
            formatShape(input)
          }: it has to name each axis from 0 to ${input.length - 1} once, without the batch axis`,
        );
      }
      return order.map((axis) => input[axis]);
    },
    weights: () => [],
    apply: (x) => transpose(x, [0, ...order.map((axis) => axis + 1)]),
  };
}
