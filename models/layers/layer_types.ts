/** Layers from their descriptions: what a saved model is made again from. No code is ever loaded. */
import type { Layer } from "../layer.ts";
import { activation, type ActivationName } from "./activation.ts";
import { batchNormalization } from "./batch_normalization.ts";
import { conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
import { dense, type DenseOptions } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { averagePool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from "./pooling.ts";

/** A layer as JSON has it. */
export interface LayerDescription {
  readonly type: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const makers: Record<string, (config: Readonly<Record<string, unknown>>) => Layer> = {
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

/** Makes a layer from its description; throws for a type or an option that is not known. */
export function layerFrom({ type, name, config }: LayerDescription): Layer {
  if (!Object.hasOwn(makers, type)) {
    throw new TypeError(`Cannot make layer "${type}": there are ${Object.keys(makers).join(", ")}`);
  }
  const layer = makers[type](config);
  const other = Object.keys(config).find((key) => !Object.hasOwn(layer.config, key));
  if (other !== undefined) {
    throw new TypeError(
      `Cannot make layer "${type}" with "${other}": its options are ${
        Object.keys(layer.config).join(", ") || "none"
      }`,
    );
  }
  return { ...layer, name };
}
