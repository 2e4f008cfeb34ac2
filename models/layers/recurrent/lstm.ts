/** c' = f c + i g and h' = o tanh(c'), with gates i, f, o and a candidate g from x and h */
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import { add, matmul, mul } from "../../../ops/mod.ts";
import { activate, activationKind, type ActivationName } from "../core/activation.ts";
import { gateOf, gateWeights, masked } from "./recurrent_cell.ts";
import {
  type RecurrentLayer,
  recurrentLayer,
  type RecurrentLayerOptions,
  recurrentOptions,
} from "./recurrent_layer.ts";

/** Options of {@linkcode lstm}. */
export interface LstmOptions extends RecurrentLayerOptions {
  /** What gates go through; `"sigmoid"` when left out. */
  readonly recurrentActivation?: ActivationName;
}

/**
 * A layer of long short-term memory: sequences `[length, channels]` to the last state `[units]`, or to all of them
 * `[length, units]`. Its weights are `kernel` `[channels, 4 units]`, `recurrentKernel` `[units, 4 units]` and `bias`
 * `[4 units]`, in the order input, forget, candidate, output, as in Keras and PyTorch; the forget gate's bias begins as 1.
 * Those of a second one that goes backwards are `backwardKernel` and so on. Beside its result it gives the states behind the last
 * place, `h` and `c`, and `backwardH` and `backwardC` ({@linkcode SymbolicTensor.result}).
 * Source: https://doi.org/10.1162/neco.1997.9.8.1735
 *
 * @throws {RangeError} when `units` is no whole number from 1.
 * @throws {TypeError} when there is no such activation, direction or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.lstm({ units: 64, returnSequences: true }), layers.lstm({ units: 32 })], { inputShape: [100, 8] });
 * assertEquals(model.outputShape, [32]);
 * ```
 */
export function lstm(options: LstmOptions): RecurrentLayer {
  const read = readOptions("make lstm", options, {
    ...recurrentOptions,
    recurrentActivation: optional(activationKind, "sigmoid"),
  });
  const { units, activation, recurrentActivation } = read;
  return recurrentLayer("lstm", read, givenOptions({ ...options, name: undefined }), {
    states: ["h", "c"],
    step: (x, { h, c }, { kernel, recurrentKernel, bias }, mask) => {
      const fromInput = matmul(x, kernel);
      const sum = add(bias ? add(fromInput, bias) : fromInput, matmul(masked(h, mask), recurrentKernel));
      const gate = (i: number, through = recurrentActivation) => activate(gateOf(sum, i, units), through);
      const next = add(mul(gate(1), c), mul(gate(0), gate(2, activation)));
      return { h: mul(gate(3), activate(next, activation)), c: next };
    },
  }, (channels) => gateWeights(channels, read, ["zeros", "ones", "zeros", "zeros"]));
}
