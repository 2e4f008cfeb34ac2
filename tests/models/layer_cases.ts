/** Every layer with several options: what it gives, and its weights. */
import type { Layer } from "../../models/layer.ts";
import { activation } from "../../models/layers/core/activation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv1d } from "../../models/layers/convolution/conv1d.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { conv2dTranspose } from "../../models/layers/convolution/conv2d_transpose.ts";
import { conv3d } from "../../models/layers/convolution/conv3d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { embedding } from "../../models/layers/embedding/embedding.ts";
import { embeddingSum } from "../../models/layers/embedding/embedding_sum.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import {
  groupNormalization,
  instanceNormalization,
} from "../../models/layers/normalization/group_normalization.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import {
  layerNormalization,
  rmsNormalization,
} from "../../models/layers/normalization/layer_normalization.ts";
import { logMel } from "../../models/layers/signal/log_mel.ts";
import { spectrogramMask } from "../../models/layers/signal/spectrogram_mask.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import {
  addLayers,
  averageLayers,
  concatLayers,
  multiplyLayers,
} from "../../models/layers/merging/merging.ts";
import { minGru } from "../../models/layers/recurrent/min_gru.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { nade } from "../../models/layers/core/nade.ts";
import { pixelShuffle } from "../../models/layers/reshaping/pixel_shuffle.ts";
import {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  globalAveragePool1d,
  globalAveragePool2d,
  globalMaxPool1d,
  globalMaxPool2d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "../../models/layers/pooling/pooling.ts";
import { oneHot } from "../../models/layers/embedding/one_hot.ts";
import { positionEmbedding } from "../../models/layers/embedding/position_embedding.ts";
import { permute } from "../../models/layers/reshaping/permute.ts";
import { recall } from "../../models/layers/attention/recall.ts";
import { reshapeTo } from "../../models/layers/reshaping/reshape_to.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { sequencePool } from "../../models/layers/pooling/sequence_pool.ts";
import { upsample2d } from "../../models/layers/reshaping/upsample2d.ts";

/** A layer on inputs of some shapes. */
export interface LayerCase {
  readonly what: string;
  readonly layer: Layer;
  readonly input: readonly number[];
  /** Inputs beside the first one. */
  readonly others?: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly weights?: Record<string, readonly number[]>;
}

/** Layers with the shape of what they give, and those of their weights. */
export const layerCases: readonly LayerCase[] = [
  {
    what: "conv2d with defaults",
    layer: conv2d({ filters: 4, kernelSize: 3 }),
    input: [7, 9, 3],
    output: [5, 7, 4],
    weights: { kernel: [3, 3, 3, 4], bias: [4] },
  },
  {
    what: "conv2d with every option",
    layer: conv2d({
      filters: 6,
      kernelSize: [3, 2],
      strides: [2, 1],
      padding: "same",
      dilations: [1, 2],
      groups: 2,
      activation: "tanh",
      useBias: false,
      kernelInitializer: "heNormal",
    }),
    input: [9, 8, 4],
    output: [5, 8, 6],
    weights: { kernel: [3, 2, 2, 6] },
  },
  {
    what: "conv2d with explicit padding and strides larger than its window",
    layer: conv2d({ filters: 1, kernelSize: 2, strides: 3, padding: [[1, 0], [0, 2]] }),
    input: [7, 7, 1],
    output: [3, 3, 1],
    weights: { kernel: [2, 2, 1, 1], bias: [1] },
  },
  {
    what: "dense",
    layer: dense({ units: 5, activation: "relu" }),
    input: [3],
    output: [5],
    weights: { kernel: [3, 5], bias: [5] },
  },
  {
    what: "dense on more axes, without bias",
    layer: dense({ units: 5, useBias: false, kernelInitializer: { normal: 0.1 } }),
    input: [2, 4, 3],
    output: [2, 4, 5],
    weights: { kernel: [3, 5] },
  },
  { what: "maxPool2d", layer: maxPool2d(), input: [7, 6, 3], output: [3, 3, 3] },
  {
    what: "maxPool2d with every option",
    layer: maxPool2d({ poolSize: [3, 2], strides: [2, 1], padding: "same" }),
    input: [7, 6, 3],
    output: [4, 6, 3],
  },
  { what: "averagePool2d", layer: averagePool2d({ poolSize: 3 }), input: [7, 9, 2], output: [2, 3, 2] },
  { what: "globalAveragePool2d", layer: globalAveragePool2d(), input: [7, 6, 3], output: [3] },
  { what: "globalMaxPool2d", layer: globalMaxPool2d(), input: [7, 6, 3], output: [3] },
  { what: "flatten", layer: flatten(), input: [2, 3, 4], output: [24] },
  { what: "flatten of one number an example", layer: flatten(), input: [], output: [1] },
  { what: "dropout", layer: dropout(0.25), input: [2, 3], output: [2, 3] },
  { what: "activation", layer: activation("softmax"), input: [2, 3], output: [2, 3] },
  {
    what: "batchNormalization",
    layer: batchNormalization({ momentum: 0.9, epsilon: 1e-5 }),
    input: [4, 4, 3],
    output: [4, 4, 3],
    weights: { scale: [3], offset: [3], mean: [3], variance: [3] },
  },
  {
    what: "conv1d with every option",
    layer: conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: "causal", dilations: 2, groups: 2 }),
    input: [9, 6],
    output: [5, 4],
    weights: { kernel: [3, 3, 4], bias: [4] },
  },
  {
    what: "conv3d",
    layer: conv3d({ filters: 2, kernelSize: [1, 2, 3], strides: [1, 2, 1], useBias: false }),
    input: [4, 6, 5, 3],
    output: [4, 3, 3, 2],
    weights: { kernel: [1, 2, 3, 3, 2] },
  },
  {
    what: 'conv2dTranspose with padding "same"',
    layer: conv2dTranspose({ filters: 6, kernelSize: 4, strides: 2, padding: "same", groups: 2 }),
    input: [5, 4, 8],
    output: [10, 8, 6],
    weights: { kernel: [4, 4, 3, 8], bias: [6] },
  },
  {
    what: "conv2dTranspose with explicit padding",
    layer: conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 1, outputPadding: [1, 0] }),
    input: [5, 4, 2],
    output: [10, 7, 3],
    weights: { kernel: [3, 3, 3, 2], bias: [3] },
  },
  {
    what: "nade",
    layer: nade({ categories: 5, units: 4 }),
    input: [6, 3],
    others: [[6, 2]],
    output: [6, 2, 5],
    weights: { kernel: [3, 4], bias: [4], chosen: [10, 4], outputKernel: [4, 10], outputBias: [10] },
  },
  {
    what: "embedding",
    layer: embedding({ tokens: 11, units: 3 }),
    input: [7],
    output: [7, 3],
    weights: { embeddings: [11, 3] },
  },
  {
    what: "recall",
    layer: recall({ memory: 9 }),
    input: [6, 3],
    others: [[6, 2]],
    output: [6, 3],
    weights: { scale: [1], threshold: [1], gain: [1], offset: [1] },
  },
  {
    what: "embeddingSum",
    layer: embeddingSum({ tokens: 11, units: 3, embeddingsInitializer: "heNormal" }),
    input: [5, 4],
    output: [5, 3],
    weights: { embeddings: [44, 3] },
  },
  {
    what: "embedding of single tokens",
    layer: embedding({ tokens: 11, units: 3, embeddingsInitializer: { normal: 0.02 } }),
    input: [],
    output: [3],
    weights: { embeddings: [11, 3] },
  },
  { what: "oneHot", layer: oneHot({ tokens: 11 }), input: [7], output: [7, 11] },
  {
    what: "positionEmbedding",
    layer: positionEmbedding(),
    input: [7, 3],
    output: [7, 3],
    weights: { embeddings: [7, 3] },
  },
  {
    what: "layerNormalization",
    layer: layerNormalization({ epsilon: 1e-3 }),
    input: [4, 3],
    output: [4, 3],
    weights: { scale: [3], offset: [3] },
  },
  {
    what: "layerNormalization over two axes",
    layer: layerNormalization({ axes: 2 }),
    input: [5, 4, 3],
    output: [5, 4, 3],
    weights: { scale: [4, 3], offset: [4, 3] },
  },
  { what: "rmsNormalization", layer: rmsNormalization(), input: [3], output: [3], weights: { scale: [3] } },
  {
    what: "groupNormalization",
    layer: groupNormalization({ groups: 2 }),
    input: [5, 4, 6],
    output: [5, 4, 6],
    weights: { scale: [6], offset: [6] },
  },
  {
    what: "instanceNormalization",
    layer: instanceNormalization({ epsilon: 1e-6 }),
    input: [5, 4, 6],
    output: [5, 4, 6],
    weights: { scale: [6], offset: [6] },
  },
  { what: "maxPool1d", layer: maxPool1d({ poolSize: 3, strides: 2 }), input: [9, 4], output: [4, 4] },
  { what: "averagePool1d", layer: averagePool1d({ padding: "same" }), input: [9, 4], output: [5, 4] },
  { what: "maxPool3d", layer: maxPool3d({ poolSize: [1, 2, 2] }), input: [3, 4, 5, 2], output: [3, 2, 2, 2] },
  { what: "averagePool3d", layer: averagePool3d(), input: [3, 4, 5, 2], output: [1, 2, 2, 2] },
  { what: "globalAveragePool1d", layer: globalAveragePool1d(), input: [9, 4], output: [4] },
  { what: "globalMaxPool1d", layer: globalMaxPool1d(), input: [9, 4], output: [4] },
  { what: "logMel", layer: logMel({ rate: 8000 }), input: [1024], output: [5, 40] },
  {
    what: "logMel with every option",
    layer: logMel({
      rate: 8000,
      size: 96,
      hop: 30,
      bands: 7,
      low: 100,
      high: 3000,
      scale: "slaney",
      floor: 1e-3,
    }),
    input: [200],
    output: [7, 7],
  },
  { what: "spectrogramMask", layer: spectrogramMask(), input: [9, 8], output: [9, 8] },
  {
    what: "spectrogramMask with every option",
    layer: spectrogramMask({ frames: 0, bands: 3 }),
    input: [2, 5, 1],
    output: [2, 5, 1],
  },
  { what: "upsample2d", layer: upsample2d(), input: [3, 4, 2], output: [6, 8, 2] },
  {
    what: "upsample2d with every option",
    layer: upsample2d({ size: [3, 1], method: "bicubic" }),
    input: [3, 4, 2],
    output: [9, 4, 2],
  },
  { what: "pixelShuffle", layer: pixelShuffle(), input: [3, 4, 8], output: [6, 8, 2] },
  {
    what: "pixelShuffle in TensorFlow's order",
    layer: pixelShuffle({ block: 3, mode: "DCR" }),
    input: [3, 4, 9],
    output: [9, 12, 1],
  },
  { what: "reshapeTo", layer: reshapeTo([2, -1]), input: [3, 4], output: [2, 6] },
  { what: "permute", layer: permute([2, 0, 1]), input: [3, 4, 5], output: [5, 3, 4] },
  { what: "addLayers", layer: addLayers(), input: [3, 4], others: [[3, 4], [1, 4]], output: [3, 4] },
  { what: "averageLayers", layer: averageLayers(), input: [3, 4], others: [[3, 4]], output: [3, 4] },
  { what: "multiplyLayers", layer: multiplyLayers(), input: [4], others: [[2, 3, 4]], output: [2, 3, 4] },
  { what: "concatLayers", layer: concatLayers(), input: [3, 4], others: [[3, 1], [3, 2]], output: [3, 7] },
  {
    what: "concatLayers along the first axis",
    layer: concatLayers({ axis: 0 }),
    input: [3, 4],
    others: [[1, 4]],
    output: [4, 4],
  },
  {
    what: "rnn",
    layer: rnn({ units: 5 }),
    input: [7, 3],
    output: [5],
    weights: { kernel: [3, 5], recurrentKernel: [5, 5], bias: [5] },
  },
  {
    what: "gru",
    layer: gru({ units: 5, returnSequences: true }),
    input: [7, 3],
    output: [7, 5],
    weights: { kernel: [3, 15], recurrentKernel: [5, 15], bias: [15], recurrentBias: [5] },
  },
  {
    what: "gru with the reset gate before the product, in both directions",
    layer: gru({ units: 5, resetAfter: false, direction: "both", returnSequences: true, lengths: true }),
    input: [7, 3],
    others: [[]],
    output: [7, 10],
    weights: {
      kernel: [3, 15],
      recurrentKernel: [5, 15],
      bias: [15],
      backwardKernel: [3, 15],
      backwardRecurrentKernel: [5, 15],
      backwardBias: [15],
    },
  },
  {
    what: "sequencePool",
    layer: sequencePool({ by: "max" }),
    input: [7, 3],
    others: [[]],
    output: [3],
  },
  {
    what: "lstm",
    layer: lstm({ units: 5, direction: "backward", kernelInitializer: "heNormal" }),
    input: [7, 3],
    output: [5],
    weights: { kernel: [3, 20], recurrentKernel: [5, 20], bias: [20] },
  },
  {
    what: "lstm that goes on from a state",
    layer: lstm({ units: 5, initialState: true, lengths: true }),
    input: [7, 3],
    others: [[], [5], [5]],
    output: [5],
    weights: { kernel: [3, 20], recurrentKernel: [5, 20], bias: [20] },
  },
  {
    what: "lstm with every option",
    layer: lstm({
      units: 5,
      direction: "both",
      useBias: false,
      activation: "relu",
      recurrentActivation: "tanh",
      recurrentInitializer: { normal: 0.1 },
    }),
    input: [7, 3],
    output: [10],
    weights: {
      kernel: [3, 20],
      recurrentKernel: [5, 20],
      backwardKernel: [3, 20],
      backwardRecurrentKernel: [5, 20],
    },
  },
  {
    what: "minGru",
    layer: minGru({ units: 5, returnSequences: true, direction: "both", activation: "tanh" }),
    input: [7, 3],
    output: [7, 10],
    weights: { kernel: [3, 10], bias: [10], backwardKernel: [3, 10], backwardBias: [10] },
  },
  {
    what: "multiHeadAttention",
    layer: multiHeadAttention({ heads: 2, causal: true, rotary: true }),
    input: [7, 8],
    output: [7, 8],
    weights: {
      queryKernel: [8, 8],
      queryBias: [8],
      keyKernel: [8, 8],
      keyBias: [8],
      valueKernel: [8, 8],
      valueBias: [8],
      outputKernel: [8, 8],
      outputBias: [8],
    },
  },
  {
    what: "multiHeadAttention with every option",
    layer: multiHeadAttention({
      heads: 4,
      keyHeads: 2,
      headWidth: 6,
      units: 5,
      context: true,
      lengths: true,
      useBias: false,
      rotary: { base: 500, interleaved: true },
    }),
    input: [7, 8],
    others: [[9, 3], []],
    output: [7, 5],
    weights: { queryKernel: [8, 24], keyKernel: [3, 12], valueKernel: [3, 12], outputKernel: [24, 5] },
  },
];
