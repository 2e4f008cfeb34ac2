/**
 * Layers from their descriptions: what a saved model is made again from. No code is ever loaded: what is not here has to be
 * registered by the program that loads it.
 */
import { functionKind, type Kind, text } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { isObject } from "../../formats/json/is_object.ts";
import type { Layer, LayerConfig } from "../layer.ts";
import { activation, type ActivationName } from "./core/activation.ts";
import { batchNormalization } from "./normalization/batch_normalization.ts";
import { conv1d, type Conv1dLayerOptions } from "./convolution/conv1d.ts";
import { conv2d, type Conv2dLayerOptions } from "./convolution/conv2d.ts";
import { conv2dTranspose, type Conv2dTransposeLayerOptions } from "./convolution/conv2d_transpose.ts";
import { conv3d, type Conv3dLayerOptions } from "./convolution/conv3d.ts";
import { dense, type DenseOptions } from "./core/dense.ts";
import { dropout } from "./core/dropout.ts";
import { embedding, type EmbeddingOptions } from "./embedding/embedding.ts";
import { embeddingSum } from "./embedding/embedding_sum.ts";
import { flatten } from "./reshaping/flatten.ts";
import {
  groupNormalization,
  type GroupNormalizationOptions,
  instanceNormalization,
} from "./normalization/group_normalization.ts";
import { gru, type GruOptions } from "./recurrent/gru.ts";
import { layerNormalization, rmsNormalization } from "./normalization/layer_normalization.ts";
import { logMel, type LogMelOptions } from "./signal/log_mel.ts";
import { spectrogramMask } from "./signal/spectrogram_mask.ts";
import { lstm, type LstmOptions } from "./recurrent/lstm.ts";
import { addLayers, averageLayers, concatLayers, multiplyLayers } from "./merging/merging.ts";
import { minGru, type MinGruOptions } from "./recurrent/min_gru.ts";
import { multiHeadAttention, type MultiHeadAttentionOptions } from "./attention/multi_head_attention.ts";
import { oneHot, type OneHotOptions } from "./embedding/one_hot.ts";
import { pixelShuffle } from "./reshaping/pixel_shuffle.ts";
import * as pools from "./pooling/pooling.ts";
import { positionEmbedding } from "./embedding/position_embedding.ts";
import type { RecurrentLayerOptions } from "./recurrent/recurrent_layer.ts";
import { nade, type NadeOptions } from "./core/nade.ts";
import { permute } from "./reshaping/permute.ts";
import { recall, type RecallOptions } from "./attention/recall.ts";
import { reshapeTo } from "./reshaping/reshape_to.ts";
import { rnn } from "./recurrent/rnn.ts";
import { sequencePool, type SequencePoolOptions } from "./pooling/sequence_pool.ts";
import { upsample2d } from "./reshaping/upsample2d.ts";

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
  addLayers: (c) => addLayers(c),
  averageLayers: (c) => averageLayers(c),
  averagePool1d: (c) => pools.averagePool1d(c),
  averagePool2d: (c) => pools.averagePool2d(c),
  averagePool3d: (c) => pools.averagePool3d(c),
  batchNormalization: (c) => batchNormalization(c),
  concatLayers: (c) => concatLayers(c),
  conv1d: (c) => conv1d(c as unknown as Conv1dLayerOptions),
  conv2d: (c) => conv2d(c as unknown as Conv2dLayerOptions),
  conv2dTranspose: (c) => conv2dTranspose(c as unknown as Conv2dTransposeLayerOptions),
  conv3d: (c) => conv3d(c as unknown as Conv3dLayerOptions),
  dense: (c) => dense(c as unknown as DenseOptions),
  dropout: (c) => dropout(c.rate as number),
  embedding: (c) => embedding(c as unknown as EmbeddingOptions),
  embeddingSum: (c) => embeddingSum(c as unknown as EmbeddingOptions),
  flatten: () => flatten(),
  globalAveragePool1d: () => pools.globalAveragePool1d(),
  globalAveragePool2d: () => pools.globalAveragePool2d(),
  globalMaxPool1d: () => pools.globalMaxPool1d(),
  globalMaxPool2d: () => pools.globalMaxPool2d(),
  groupNormalization: (c) => groupNormalization(c as unknown as GroupNormalizationOptions),
  gru: (c) => gru(c as unknown as GruOptions),
  instanceNormalization: (c) => instanceNormalization(c),
  layerNormalization: (c) => layerNormalization(c),
  logMel: (c) => logMel(c as unknown as LogMelOptions),
  lstm: (c) => lstm(c as unknown as LstmOptions),
  maxPool1d: (c) => pools.maxPool1d(c),
  maxPool2d: (c) => pools.maxPool2d(c),
  maxPool3d: (c) => pools.maxPool3d(c),
  minGru: (c) => minGru(c as unknown as MinGruOptions),
  multiHeadAttention: (c) => multiHeadAttention(c as unknown as MultiHeadAttentionOptions),
  multiplyLayers: (c) => multiplyLayers(c),
  oneHot: (c) => oneHot(c as unknown as OneHotOptions),
  nade: (c) => nade(c as unknown as NadeOptions),
  permute: (c) => permute(c.axes as number[]),
  pixelShuffle: (c) => pixelShuffle(c),
  positionEmbedding: (c) => positionEmbedding(c),
  recall: (c) => recall(c as RecallOptions),
  reshapeTo: (c) => reshapeTo(c.shape as number[]),
  rmsNormalization: (c) => rmsNormalization(c),
  rnn: (c) => rnn(c as unknown as RecurrentLayerOptions),
  sequencePool: (c) => sequencePool(c as unknown as SequencePoolOptions),
  spectrogramMask: (c) => spectrogramMask(c),
  upsample2d: (c) => upsample2d(c),
};

const nonEmptyText: Kind<string> = {
  says: "a text that is not empty",
  read: (value) => value === "" ? undefined : text.read(value),
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
 * import { decodeModel, encodeModel, layers, ops, registerLayer, sequential } from "@gesso/gesso";
 *
 * function scaled(factor: number): layers.Layer {
 *   return {
 *     type: "scaled",
 *     config: { factor },
 *     outputShape: (input) => [...input],
 *     weights: () => [],
 *     apply: (x) => ops.mul(x, factor),
 *   };
 * }
 * registerLayer("scaled", ({ factor }) => scaled(factor as number));
 *
 * const model = sequential([scaled(0.5)], { inputShape: [3] });
 * assertEquals(decodeModel(encodeModel(model)).layers[0].layer.config, { factor: 0.5 });
 * ```
 */
export function registerLayer(type: string, make: LayerMaker): void {
  readValue("register a layer", "type", type, nonEmptyText);
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
