/** Activations by name: what follows the arithmetic of a layer */
import { type Kind, oneOf } from "../../../engine/option_kinds.ts";
import { readValue } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { elu, gelu, leakyRelu, relu, sigmoid, silu, softmax, softplus, tanh } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";

/** The names of activations; `linear` changes nothing. */
export type ActivationName =
  | "linear"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "gelu"
  | "silu"
  | "sigmoid"
  | "softplus"
  | "softmax"
  | "tanh";

const functions: Record<ActivationName, (x: Tensor) => Tensor> = {
  linear: (x) => x,
  relu,
  leakyRelu: (x) => leakyRelu(x),
  elu: (x) => elu(x),
  gelu,
  silu,
  sigmoid,
  softplus,
  softmax: (x) => softmax(x),
  tanh,
};

/** Applies an activation. */
export function activate(x: Tensor, name: ActivationName): Tensor {
  return functions[name](x);
}

/** Names of activations. */
export const activationKind: Kind<ActivationName> = oneOf(Object.keys(functions) as ActivationName[]);

/**
 * A layer that applies a function to each element (`softmax`: to the last axis).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.dense({ units: 3 }), layers.activation("tanh")], { inputShape: [2] });
 * assertEquals(model.outputShape, [3]);
 * ```
 */
export function activation(name: ActivationName): Layer {
  readValue("make activation", "activation", name, activationKind);
  return {
    type: "activation",
    config: { activation: name },
    outputShape: (input) => [...input],
    weights: () => [],
    apply: (x) => activate(x, name),
  };
}
