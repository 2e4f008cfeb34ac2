/** Dropout: in training, elements are set to zero at random */
import { fraction } from "../../../engine/option_kinds.ts";
import { readValue } from "../../../engine/options.ts";
import { dropout as drop } from "../../../ops/random/dropout.ts";
import type { Layer } from "../../layer.ts";

/**
 * A layer that sets elements to zero with a probability of `rate` while training, and scales the others up so that the
 * expected sum stays; afterwards it changes nothing. Source: https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @throws {RangeError} when the rate is not from 0 up to but without 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.dense({ units: 8 }), layers.dropout(0.5)], { inputShape: [4] });
 * assertEquals(model.outputShape, [8]);
 * ```
 */
export function dropout(rate: number): Layer {
  readValue("make dropout", "rate", rate, fraction);
  return {
    type: "dropout",
    config: { rate },
    outputShape: (input) => [...input],
    weights: () => [],
    apply: (x, { training, random }) => {
      return training && rate > 0 ? drop(x, rate, random) : x;
    },
  };
}
