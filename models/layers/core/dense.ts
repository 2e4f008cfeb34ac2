/** A dense (fully connected) layer: weights, bias, activation */
import { whole } from "../../../engine/option_kinds.ts";
import { givenOptions, readOptions, required } from "../../../engine/options.ts";
import { formatShape } from "../../../engine/shape.ts";
import { dense as multiply } from "../../../ops/contraction/matmul.ts";
import type { Initializer } from "../../initializers.ts";
import type { Layer } from "../../layer.ts";
import { activate, type ActivationName } from "./activation.ts";
import { weightedOptions } from "./weighted_options.ts";

/** Options of {@linkcode dense}. */
export interface DenseOptions {
  /** The number of outputs. */
  readonly units: number;
  /** What follows; `"linear"` (nothing) when left out. */
  readonly activation?: ActivationName;
  /** Whether a bias is added to each output; true when left out. */
  readonly useBias?: boolean;
  /** How the weight begins; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A dense (fully connected) layer: `[..., inputs]` to `[..., units]`. Its weights are `kernel` `[inputs, units]` and
 * `bias` `[units]`.
 *
 * @throws {RangeError} when units are no whole number from 1.
 * @throws {TypeError} when there is no such activation or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.dense({ units: 64, activation: "relu" }), layers.dense({ units: 10 })], { inputShape: [784] });
 * assertEquals(model.parameterCount, 784 * 64 + 64 + 64 * 10 + 10);
 * ```
 */
export function dense(options: DenseOptions): Layer {
  const { units, activation, useBias, kernelInitializer, name } = readOptions("make dense", options, {
    ...weightedOptions,
    units: required(whole(1)),
  });
  return {
    type: "dense",
    name,
    config: givenOptions({ units, activation, useBias, kernelInitializer }),
    outputShape: (input) => {
      if (input.length === 0) {
        throw new RangeError(
          `Cannot use dense on ${formatShape(input)}: it takes at least one axis beside the batch`,
        );
      }
      return [...input.slice(0, -1), units];
    },
    weights: (input) => [
      {
        name: "kernel",
        shape: [input[input.length - 1], units],
        initializer: kernelInitializer,
        trainable: true,
      },
      ...useBias ? [{ name: "bias", shape: [units], initializer: "zeros", trainable: true } as const] : [],
    ],
    apply: (x, { weights: { kernel, bias }, product }) =>
      activate(product(multiply(x, kernel, bias)), activation),
  };
}
