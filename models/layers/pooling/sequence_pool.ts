/** The mean or the maximum over the places of a sequence that count */
import { oneOf } from "../../../engine/option_kinds.ts";
import { readOptions, required } from "../../../engine/options.ts";
import { cast, div, greater, iota, less, max, maximum, reshape, sum, where } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";
import { checkAxes, checkSequence } from "../core/check_layer.ts";

/** Options of {@linkcode sequencePool}. */
export interface SequencePoolOptions {
  /** What is taken of each channel. */
  readonly by: "mean" | "max";
}

/** Less than what a layer gives for any place. */
const LOWEST = -3.4e38;

/**
 * A layer that takes the mean or the maximum of each channel over the places of a sequence that count: `[length, channels]` and, as
 * second input, int32 `[]`, how many these are, to `[channels]`. Where none counts, it gives zeros.
 *
 * @throws {TypeError} when `by` is neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge } from "@gesso/gesso";
 *
 * const [sequence, length] = [input([10, 4]), input([], { dtype: "int32" })];
 * const mean = merge(layers.sequencePool({ by: "mean" }), [sequence, length]);
 * assertEquals(graph({ inputs: { sequence, length }, outputs: mean }).outputShape, [4]);
 * ```
 */
export function sequencePool(options: SequencePoolOptions): Layer {
  const { by } = readOptions("make sequencePool", options, { by: required(oneOf(["mean", "max"])) });
  return {
    type: "sequencePool",
    config: { by },
    arity: 2,
    inputDType: ["float32", "int32"],
    outputShape: (input, length) => {
      checkSequence("sequencePool", input);
      checkAxes("sequencePool", length, 0, "one number for each sequence, []");
      return [input[1]];
    },
    weights: () => [],
    apply: (x, { inputs: [, lengths] }) => {
      const [batch, length] = x.shape;
      const counts = less(reshape(iota(length), [length, 1]), reshape(lengths, [batch, 1, 1]));
      if (by === "mean") {
        const count = reshape(cast(maximum(lengths, 1), "float32"), [batch, 1]);
        return div(sum(where(counts, x, 0), 1), count);
      }
      const largest = max(where(counts, x, LOWEST), 1);
      return where(greater(reshape(lengths, [batch, 1]), 0), largest, 0);
    },
  };
}
