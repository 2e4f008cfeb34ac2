/** h[t] = tanh(W [h[t - 1], x[t]] + b) */
import { givenOptions, readOptions } from "../../../engine/options.ts";
import { add, matmul } from "../../../ops/mod.ts";
import { activate } from "../core/activation.ts";
import { gateWeights, masked } from "./recurrent_cell.ts";
import {
  type RecurrentLayer,
  recurrentLayer,
  type RecurrentLayerOptions,
  recurrentOptions,
} from "./recurrent_layer.ts";

/**
 * The plain recurrent layer: sequences `[length, channels]` to the last state `[units]`, or to all of them
 * `[length, units]`, by `h[t] = tanh(W [h[t - 1], x[t]] + b)`. `W` is kept in two parts: its weights are `kernel`
 * `[channels, units]`, which `x` is multiplied by, `recurrentKernel` `[units, units]` for `h`, and `bias` `[units]`; those
 * of a second one that goes backwards are `backwardKernel` and so on. It begins with zeros.
 *
 * @throws {RangeError} when `units` is no whole number from 1.
 * @throws {TypeError} when there is no such activation, direction or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([
 *   layers.rnn({ units: 64, returnSequences: true }),
 *   layers.rnn({ units: 64, returnSequences: true }),
 *   layers.dense({ units: 10 }),
 * ], { inputShape: [100, 8] });
 * assertEquals(model.outputShape, [100, 10]);
 * ```
 */
export function rnn(options: RecurrentLayerOptions): RecurrentLayer {
  const read = readOptions("make rnn", options, recurrentOptions);
  const { activation } = read;
  return recurrentLayer("rnn", read, givenOptions({ ...options, name: undefined }), {
    states: ["h"],
    step: (x, { h }, { kernel, recurrentKernel, bias }, mask) => {
      const fromInput = matmul(x, kernel);
      const sum = add(bias ? add(fromInput, bias) : fromInput, matmul(masked(h, mask), recurrentKernel));
      return { h: activate(sum, activation) };
    },
  }, (channels) => gateWeights(channels, read, ["zeros"]));
}
