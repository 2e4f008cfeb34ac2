/** h' = z h + (1 - z) n, with gates z and r from x and h, and n = tanh(of x, and of what r lets through of h) */
import { flag } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { add, matmul, mul, sub } from "../../../ops/mod.ts";
import type { WeightSpec } from "../../layer.ts";
import { activate, activationKind, type ActivationName } from "../core/activation.ts";
import { gateOf, gateWeights, masked, type RecurrentCell } from "./recurrent_cell.ts";
import {
  type RecurrentLayer,
  recurrentLayer,
  type RecurrentLayerOptions,
  type RecurrentOptions,
  recurrentOptions,
} from "./recurrent_layer.ts";

/** Options of {@linkcode gru}. */
export interface GruOptions extends RecurrentLayerOptions {
  /** What gates go through; `"sigmoid"` when left out. */
  readonly recurrentActivation?: ActivationName;
  /**
   * Whether the reset gate is applied behind the product with the state, as in PyTorch, cuDNN and Keras, and not before it,
   * as in the first paper; true when left out. Behind, all gates are one product.
   */
  readonly resetAfter?: boolean;
}

const gruOptions = {
  ...recurrentOptions,
  recurrentActivation: optional(activationKind, "sigmoid"),
  resetAfter: optional(flag, true),
};

function gruCell(
  { units, activation, recurrentActivation, resetAfter }: RecurrentOptions & {
    recurrentActivation: ActivationName;
    resetAfter: boolean;
  },
): RecurrentCell {
  const gate = (x: Tensor) => activate(x, recurrentActivation);
  return {
    states: ["h"],
    step: (x, { h }, { kernel, recurrentKernel, bias, recurrentBias }, mask) => {
      const seen = masked(h, mask);
      const product = matmul(x, kernel);
      const ofInput = bias ? add(product, bias) : product;
      const ofState = matmul(seen, resetAfter ? recurrentKernel : gateOf(recurrentKernel, 0, units, 2));
      const [update, reset] = [0, 1].map((i) =>
        gate(add(gateOf(ofInput, i, units), gateOf(ofState, i, units)))
      );
      const last = resetAfter ? gateOf(ofState, 2, units) : undefined;
      const through = last
        ? mul(reset, recurrentBias ? add(last, recurrentBias) : last)
        : matmul(mul(reset, seen), gateOf(recurrentKernel, 2, units));
      const candidate = activate(add(gateOf(ofInput, 2, units), through), activation);
      return { h: add(candidate, mul(update, sub(h, candidate))) };
    },
  };
}

/**
 * A layer of gated recurrent units: sequences `[length, channels]` to the last state `[units]`, or to all of them
 * `[length, units]`. Its weights are `kernel` `[channels, 3 units]`, `recurrentKernel` `[units, 3 units]` and `bias`
 * `[3 units]`, in the order update, reset, candidate, as in Keras; with `resetAfter`, `recurrentBias` `[units]` is added to
 * what the candidate gets of the state. Those of a second one that goes backwards are `backwardKernel` and so on.
 * Source: https://arxiv.org/abs/1406.1078
 *
 * @throws {RangeError} when `units` is no whole number from 1.
 * @throws {TypeError} when there is no such activation, direction or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.gru({ units: 64, direction: "both" }), layers.dense({ units: 2 })], { inputShape: [100, 8] });
 * assertEquals(model.layers[0].outputShape, [128]);
 * ```
 */
export function gru(options: GruOptions): RecurrentLayer {
  const read = readOptions("make gru", options, gruOptions);
  const { units, useBias, resetAfter } = read;
  const ofState: WeightSpec = {
    name: "recurrentBias",
    shape: [units],
    initializer: "zeros",
    trainable: true,
  };
  return recurrentLayer(
    "gru",
    read,
    givenOptions({ ...options, name: undefined }),
    gruCell(read),
    (channels) => [
      ...gateWeights(channels, read, ["zeros", "zeros", "zeros"]),
      ...useBias && resetAfter ? [ofState] : [],
    ],
  );
}
