/**
 * Layers from their descriptions: what a saved model is made again from. No code is ever loaded: what is not here has to be
 * registered by the program that loads it.
 */
import { functionKind, text } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { isObject } from "../../formats/json/is_object.ts";
import type { Layer, LayerConfig } from "../layer.ts";
import { activation, type ActivationName } from "./activation.ts";
import { batchNormalization } from "./batch_normalization.ts";
import { conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
import { dense, type DenseOptions } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { averagePool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from "./pooling.ts";

/** A layer as JSON has it. */
export interface LayerDescription {
  /** Its type. */
  readonly type: string;
  /** The options that make it again. */
  readonly config: LayerConfig;
}

/**
 * Makes a layer from its options, as JSON has them. They may come from a file, so a maker checks them; `layerFrom` makes the
 * layers that such a layer holds.
 */
export type LayerMaker = (config: LayerConfig, layerFrom: (description: LayerDescription) => Layer) => Layer;

// One line a type, sorted.
const builtIn: Readonly<Record<string, LayerMaker>> = {
  activation: (c) => activation(c.activation as ActivationName),
  averagePool2d: (c) => averagePool2d(c),
  batchNormalization: (c) => batchNormalization(c),
  conv2d: (c) => conv2d(c as unknown as Conv2dLayerOptions),
  dense: (c) => dense(c as unknown as DenseOptions),
  dropout: (c) => dropout(c.rate as number),
  flatten: () => flatten(),
  globalAveragePool2d: () => globalAveragePool2d(),
  globalMaxPool2d: () => globalMaxPool2d(),
  maxPool2d: (c) => maxPool2d(c),
};

const registered = new Map<string, LayerMaker>();

const makerOf = (type: string): LayerMaker | undefined =>
  Object.hasOwn(builtIn, type) ? builtIn[type] : registered.get(type);

/**
 * Tells how layers of a type are made again, so that models with them can be saved and loaded. Called once, before the
 * first such file is read; files hold a layer's type and its options, and never code.
 *
 * @param type The layer's `type`.
 * @param make Makes the layer from its `config`, which has gone through JSON.
 * @throws {RangeError} when there is such a type already.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeModel, encodeModel, type Layer, mul, registerLayer, sequential } from "@gesso/gesso";
 *
 * function scaled(factor: number): Layer {
 *   return {
 *     type: "scaled",
 *     config: { factor },
 *     outputShape: (input) => [...input],
 *     weights: () => [],
 *     apply: (x) => mul(x, factor),
 *   };
 * }
 * registerLayer("scaled", ({ factor }) => scaled(factor as number));
 *
 * const model = sequential([scaled(0.5)], { inputShape: [3] });
 * assertEquals(decodeModel(encodeModel(model)).layers[0].layer.config, { factor: 0.5 });
 * ```
 */
export function registerLayer(type: string, make: LayerMaker): void {
  readValue("register a layer", "type", type, text);
  readValue(`register layer "${type}"`, "maker", make, functionKind<LayerMaker>());
  if (makerOf(type)) {
    throw new RangeError(`Cannot register layer "${type}": there is one of that type already`);
  }
  registered.set(type, make);
}

/** Makes a layer from its description; throws for a type or an option that is not known. */
export function layerFrom(description: LayerDescription): Layer {
  const { type, config } = description;
  if (typeof type !== "string" || !isObject(config)) {
    throw new TypeError("Cannot make a layer of what lacks a type or options");
  }
  const make = makerOf(type);
  if (!make) {
    const types = [...Object.keys(builtIn), ...registered.keys()].join(", ");
    throw new TypeError(
      `Cannot make layer "${type}": there are ${types}; one that is not among them has to be registered first, ` +
        "with registerLayer",
    );
  }
  const layer = make(config, layerFrom);
  const other = Object.keys(config).find((key) => !Object.hasOwn(layer.config, key));
  if (other !== undefined) {
    throw new TypeError(
      `Cannot make layer "${type}" with "${other}": its options are ${
        Object.keys(layer.config).join(", ") || "none"
      }`,
    );
  }
  return layer;
}
