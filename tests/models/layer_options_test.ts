/** Every option of every layer: what is not of its kind is refused at once; what is undefined is left out. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { cnn } from "../../models/cnn.ts";
import type { Initializer } from "../../models/initializers.ts";
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
import {
  groupNormalization,
  instanceNormalization,
} from "../../models/layers/normalization/group_normalization.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import {
  layerNormalization,
  rmsNormalization,
} from "../../models/layers/normalization/layer_normalization.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { addLayers, concatLayers } from "../../models/layers/merging/merging.ts";
import { minGru } from "../../models/layers/recurrent/min_gru.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { pixelShuffle } from "../../models/layers/reshaping/pixel_shuffle.ts";
import { averagePool2d, averagePool3d, maxPool1d, maxPool2d } from "../../models/layers/pooling/pooling.ts";
import { oneHot } from "../../models/layers/embedding/one_hot.ts";
import { embeddingSum } from "../../models/layers/embedding/embedding_sum.ts";
import { nade } from "../../models/layers/core/nade.ts";
import { positionEmbedding } from "../../models/layers/embedding/position_embedding.ts";
import { sequencePool } from "../../models/layers/pooling/sequence_pool.ts";
import { permute } from "../../models/layers/reshaping/permute.ts";
import { reshapeTo } from "../../models/layers/reshaping/reshape_to.ts";
import { recall } from "../../models/layers/attention/recall.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { logMel } from "../../models/layers/signal/log_mel.ts";
import { spectrogramMask } from "../../models/layers/signal/spectrogram_mask.ts";
import { upsample2d } from "../../models/layers/reshaping/upsample2d.ts";
import { charRnn } from "../../models/char_rnn.ts";
import { charTransformer } from "../../models/char_transformer.ts";
import { sequential } from "../../models/model.ts";
import { zeros } from "../../ops/creation/full.ts";
import { cast } from "../../ops/elementwise/cast.ts";
import { slice } from "../../ops/movement/slice.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { applyModel, someNumbers } from "./apply_model.ts";

const never: readonly unknown[] = [null, NaN, "x", {}, [NaN]];
const noCount: readonly unknown[] = [...never, 0, -1, 0.5, Infinity, 2 ** 31, "1", [1], true];
const noPair: readonly unknown[] = [...never, 0, -1, 1.5, [2], [2, 2, 2], [2, 0], [2, null], new Array(2)];
const noPadding: readonly unknown[] = [...never, "full", -1, 0.5, [1, 1], [[1, 1]], [[1, 1], [1]]];
const noFlag: readonly unknown[] = [null, 0, 1, "true", NaN];
const noName: readonly unknown[] = [null, 3, {}, ["a"]];
const noActivation: readonly unknown[] = [null, "swish", "toString", 3, {}];
const noInitializer: readonly unknown[] = [
  null,
  "glorot",
  3,
  {},
  { normal: NaN },
  { normal: "1" },
  { constant: 1e39 },
  { normal: 1, uniform: 1 },
];

type Make = (value: never) => unknown;
const weighted = (make: (options: object) => Layer): Record<string, [readonly unknown[], Make]> => ({
  activation: [noActivation, (activation) => make({ activation })],
  useBias: [noFlag, (useBias) => make({ useBias })],
  kernelInitializer: [noInitializer, (kernelInitializer) => make({ kernelInitializer })],
  name: [noName, (name) => make({ name })],
  kernelsize: [[3], (kernelsize) => make({ kernelsize })],
});
const conv = (options: object) => conv2d({ filters: 2, kernelSize: 3, ...options });
const inputShape = [4];
const options: Record<string, Record<string, [readonly unknown[], Make]>> = {
  conv2d: {
    ...weighted(conv),
    filters: [[...noCount, undefined], (filters) => conv({ filters })],
    kernelSize: [[...noPair, undefined], (kernelSize) => conv({ kernelSize })],
    strides: [noPair, (strides) => conv({ strides })],
    padding: [noPadding, (padding) => conv({ padding })],
    dilations: [noPair, (dilations) => conv({ dilations })],
    groups: [noCount, (groups) => conv({ groups })],
  },
  dense: {
    ...weighted((more) => dense({ units: 1, ...more })),
    units: [[...noCount, undefined], (units) => dense({ units })],
  },
  maxPool2d: {
    poolSize: [noPair, (poolSize) => maxPool2d({ poolSize })],
    strides: [noPair, (strides) => maxPool2d({ strides })],
    padding: [noPadding, (padding) => maxPool2d({ padding })],
    stride: [[2], (stride) => maxPool2d({ stride } as object)],
  },
  averagePool2d: { poolSize: [noPair, (poolSize) => averagePool2d({ poolSize })] },
  activation: { activation: [noActivation, (name) => activation(name)] },
  batchNormalization: {
    momentum: [[...never, -0.1, 1.1, "1"], (momentum) => batchNormalization({ momentum })],
    epsilon: [[...never, 0, -1, Infinity], (epsilon) => batchNormalization({ epsilon })],
    name: [noName, (name) => batchNormalization({ name })],
  },
  conv1d: {
    ...weighted((more) => conv1d({ filters: 2, kernelSize: 3, ...more })),
    kernelSize: [[...noCount, undefined, [3, 3]], (kernelSize) => conv1d({ filters: 2, kernelSize })],
    padding: [
      [...never, "full", -1, [1], [1, 1, 1]],
      (padding) => conv1d({ filters: 2, kernelSize: 3, padding }),
    ],
  },
  conv3d: {
    kernelSize: [
      [...noCount.filter((n) => n !== 1), undefined, [3, 3]],
      (kernelSize) => conv3d({ filters: 2, kernelSize }),
    ],
    padding: [[...never, "causal", [1, 1]], (padding) => conv3d({ filters: 2, kernelSize: 1, padding })],
  },
  conv2dTranspose: {
    outputPadding: [
      [...never, -1, 0.5, [1]],
      (outputPadding) => conv2dTranspose({ filters: 2, kernelSize: 3, outputPadding }),
    ],
    filters: [[...noCount, undefined], (filters) => conv2dTranspose({ filters, kernelSize: 3 })],
  },
  embedding: {
    tokens: [[...noCount, undefined], (tokens) => embedding({ tokens, units: 2 })],
    units: [[...noCount, undefined], (units) => embedding({ tokens: 2, units })],
    embeddingsInitializer: [
      noInitializer,
      (embeddingsInitializer) => embedding({ tokens: 2, units: 2, embeddingsInitializer }),
    ],
  },
  oneHot: { tokens: [[...noCount, undefined], (tokens) => oneHot({ tokens })] },
  recall: { memory: [noCount, (memory) => recall({ memory })], name: [noName, (name) => recall({ name })] },
  embeddingSum: {
    tokens: [[...noCount, undefined], (tokens) => embeddingSum({ tokens, units: 2 })],
    units: [[...noCount, undefined], (units) => embeddingSum({ tokens: 2, units })],
  },
  nade: {
    categories: [[...noCount, undefined], (categories) => nade({ categories, units: 2 })],
    units: [[...noCount, undefined], (units) => nade({ categories: 2, units })],
    kernelInitializer: [
      noInitializer,
      (kernelInitializer) => nade({ categories: 2, units: 2, kernelInitializer }),
    ],
  },
  positionEmbedding: {
    embeddingsInitializer: [
      noInitializer,
      (embeddingsInitializer) => positionEmbedding({ embeddingsInitializer }),
    ],
  },
  layerNormalization: {
    axes: [noCount, (axes) => layerNormalization({ axes })],
    epsilon: [[...never, -1, Infinity], (epsilon) => layerNormalization({ epsilon })],
    offset: [[true], (offset) => rmsNormalization({ offset } as object)],
  },
  groupNormalization: {
    groups: [[...noCount, undefined], (groups) => groupNormalization({ groups })],
    epsilon: [[...never, -1], (epsilon) => instanceNormalization({ epsilon })],
  },
  maxPool1d: { poolSize: [noCount, (poolSize) => maxPool1d({ poolSize })] },
  averagePool3d: { strides: [[...never, 0, [2, 2]], (strides) => averagePool3d({ strides })] },
  logMel: {
    rate: [[...never, undefined, 0], (rate) => logMel({ rate })],
    size: [noCount, (size) => logMel({ rate: 8000, size })],
    bands: [noCount, (bands) => logMel({ rate: 8000, bands })],
    scale: [[null, "mel"], (scale) => logMel({ rate: 8000, scale })],
    floor: [[...never, 0], (floor) => logMel({ rate: 8000, floor })],
  },
  spectrogramMask: {
    frames: [[...never, -1, 0.5], (frames) => spectrogramMask({ frames })],
    bands: [[...never, -1, 0.5], (bands) => spectrogramMask({ bands })],
  },
  upsample2d: {
    size: [noPair, (size) => upsample2d({ size })],
    method: [[null, "linear", 3], (method) => upsample2d({ method })],
  },
  pixelShuffle: {
    block: [noCount, (block) => pixelShuffle({ block })],
    mode: [[null, "CDR"], (mode) => pixelShuffle({ mode })],
  },
  reshapeTo: { shape: [[null, undefined, 3, [0.5], [-2], [NaN]], (shape) => reshapeTo(shape)] },
  sequencePool: { by: [[null, undefined, "sum"], (by) => sequencePool({ by })] },
  permute: { axes: [[null, undefined, 3, [0.5], [-1]], (axes) => permute(axes)] },
  concatLayers: { axis: [[...never, 0.5, "1"], (axis) => concatLayers({ axis })] },
  addLayers: {
    axis: [[1], (axis) => addLayers({ axis } as object)],
    name: [noName, (name) => addLayers({ name })],
  },
  gru: {
    ...weighted((more) => gru({ units: 2, ...more })),
    units: [[...noCount, undefined], (units) => gru({ units })],
    direction: [[null, "left", true], (direction) => gru({ units: 2, direction })],
    returnSequences: [noFlag, (returnSequences) => gru({ units: 2, returnSequences })],
    lengths: [noFlag, (lengths) => gru({ units: 2, lengths })],
    initialState: [noFlag, (initialState) => gru({ units: 2, initialState })],
    resetAfter: [noFlag, (resetAfter) => gru({ units: 2, resetAfter })],
    recurrentActivation: [noActivation, (recurrentActivation) => gru({ units: 2, recurrentActivation })],
    recurrentInitializer: [noInitializer, (recurrentInitializer) => gru({ units: 2, recurrentInitializer })],
  },
  rnn: { resetAfter: [[true], (resetAfter) => rnn({ units: 2, resetAfter } as never)] },
  lstm: {
    recurrentActivation: [noActivation, (recurrentActivation) => lstm({ units: 2, recurrentActivation })],
  },
  minGru: {
    activation: [noActivation, (activation) => minGru({ units: 2, activation })],
    recurrentActivation: [noActivation, (recurrentActivation) => minGru({ units: 2, recurrentActivation })],
    recurrentInitializer: [
      ["orthogonal"],
      (recurrentInitializer) => minGru({ units: 2, recurrentInitializer } as never),
    ],
  },
  multiHeadAttention: {
    heads: [[...noCount, undefined], (heads) => multiHeadAttention({ heads })],
    keyHeads: [noCount, (keyHeads) => multiHeadAttention({ heads: 2, keyHeads })],
    headWidth: [noCount, (headWidth) => multiHeadAttention({ heads: 2, headWidth })],
    units: [noCount, (units) => multiHeadAttention({ heads: 2, units })],
    causal: [noFlag, (causal) => multiHeadAttention({ heads: 2, causal })],
    rotary: [
      [null, 1, "yes", { base: 0 }, { offset: 1 }],
      (rotary) => multiHeadAttention({ heads: 2, rotary }),
    ],
    context: [noFlag, (context) => multiHeadAttention({ heads: 2, context })],
    useBias: [noFlag, (useBias) => multiHeadAttention({ heads: 2, useBias })],
  },
  dropout: { rate: [[...never, 1, -0.1, undefined, "0"], (rate) => dropout(rate)] },
  sequential: {
    inputShape: [
      [null, undefined, 3, [0.5], [0], [NaN], "3"],
      (inputShape) => sequential([], { inputShape }),
    ],
    seed: [[null, NaN, -1, 0.5, 2 ** 60], (seed) => sequential([], { inputShape, seed })],
    name: [noName, (name) => sequential([], { inputShape, name })],
    layers: [[null, 3, [null], [{}], ["dense"]], (layers) => sequential(layers, { inputShape })],
  },
  cnn: {
    inputShape: [[null, [32, 32], [1, 2, 3, 4]], (inputShape) => cnn({ inputShape })],
    classes: [noCount, (classes) => cnn({ classes })],
    seed: [[null, NaN, 0.5], (seed) => cnn({ seed })],
  },
  charRnn: {
    tokens: [[...noCount, undefined], (tokens) => charRnn({ tokens, length: 4 })],
    length: [[...noCount, undefined], (length) => charRnn({ tokens: 5, length })],
    units: [noCount, (units) => charRnn({ tokens: 5, length: 4, units })],
    cell: [[null, "rrn", 3], (cell) => charRnn({ tokens: 5, length: 4, cell })],
    layers: [noCount, (layers) => charRnn({ tokens: 5, length: 4, layers })],
    dropout: [[...never, 1, -0.1], (dropout) => charRnn({ tokens: 5, length: 4, dropout })],
    embedding: [noCount, (embedding) => charRnn({ tokens: 5, length: 4, embedding })],
  },
  charTransformer: {
    width: [[...noCount, 9, 12], (width) => charTransformer({ tokens: 5, length: 4, width })],
    heads: [[...noCount, 3, 128], (heads) => charTransformer({ tokens: 5, length: 4, heads })],
    depth: [noCount, (depth) => charTransformer({ tokens: 5, length: 4, depth })],
    positions: [[null, "sine", true], (positions) => charTransformer({ tokens: 5, length: 4, positions })],
  },
};

for (const [layer, own] of Object.entries(options)) {
  for (const [option, [values, make]] of Object.entries(own)) {
    Deno.test(`${layer} refuses what is no ${option}, and names it`, () => {
      for (const value of values) {
        const { message } = assertThrows(() => make(value as never), Error, "Cannot ", String(value));
        assertStringIncludes(message, option);
      }
    });
  }
}

Deno.test("options that are undefined are left out, and stay so in a file", () => {
  const none = undefined;
  const layers = (more: object) => [
    conv2d({ filters: 2, kernelSize: 3, ...more }),
    maxPool2d({ poolSize: 2, ...more }),
    averagePool2d({ ...more }),
  ];
  const model = sequential(layers({ strides: none, padding: none }), { inputShape: [17, 17, 1], name: none });
  const plain = sequential(layers({}), { inputShape: [17, 17, 1] });
  assertEquals(model.layers.map((l) => l.outputShape), [[15, 15, 2], [7, 7, 2], [3, 3, 2]]);
  assertEquals(model.layers.map((l) => l.layer.config), plain.layers.map((l) => l.layer.config));
  const again = decodeModel(encodeModel(model));
  assertEquals(again.layers.map((l) => l.outputShape), model.layers.map((l) => l.outputShape));
  assertEquals(again.layers.map((l) => l.layer.config), model.layers.map((l) => l.layer.config));
});

Deno.test("what happens to an option after a layer was made does not reach the layer", () => {
  const kernelSize: [number, number] = [3, 3];
  const kernelInitializer: { constant: number } = { constant: 1 };
  const layer = conv2d({ filters: 1, kernelSize, kernelInitializer: kernelInitializer as Initializer });
  kernelSize[0] = 1;
  kernelInitializer.constant = 2;
  assertEquals(layer.outputShape([5, 5, 1]), [3, 3, 1]);
  assertEquals(layer.config, {
    filters: 1,
    kernelSize: [3, 3],
    kernelInitializer: { constant: 1 },
    useBias: true,
  });
});

Deno.test("a model is applied with all of its weights, in their shapes", () => {
  const model = sequential([dense({ units: 3 })], { inputShape: [2] });
  const [x, kernel, bias] = [zeros([1, 2]), zeros([2, 3]), zeros([3])];
  assertEquals(model.apply(x, { "dense_1/kernel": kernel, "dense_1/bias": bias }).output.shape, [1, 3]);
  const refused = (weights: Record<string, typeof x>) =>
    assertThrows(() => model.apply(x, weights), RangeError);
  assertStringIncludes(refused({ "dense_1/kernel": kernel }).message, 'weight "dense_1/bias"');
  const flat = zeros([6]);
  assertStringIncludes(refused({ "dense_1/kernel": flat, "dense_1/bias": bias }).message, "received [6]");
});

Deno.test("a layer of one's own has to give the shape that it promises, and update what it has", async () => {
  const own = (outputShape: number[], update: string): Layer => ({
    type: "own",
    config: {},
    outputShape: () => outputShape,
    weights: () => [{ name: "seen", shape: [2], initializer: "zeros", trainable: false }],
    apply: (x, context) => {
      if (update) context.update(update, context.weights.seen);
      return x;
    },
  });
  const gives = (apply: Layer["apply"]): Layer => ({ ...own([2], ""), apply });
  const run = async (layer: Layer) =>
    await applyModel(sequential([layer], { inputShape: [2] }), someNumbers([3, 2]), { training: true });
  assert((await run(own([2], "seen"))).output.data.length === 6);
  for (
    const [layer, says] of [
      [own([1, 2], ""), "its outputShape promises"],
      [
        own([2], "mean"),
        "no such weight",
      ],
      [gives((x) => cast(x, "int32")), "layers give a float32 tensor, it gave int32 [3, 2]"],
      [
        gives(() => undefined as never),
        "layers give a float32 tensor, it gave undefined",
      ],
      [gives((x) => slice(x, [0, 0], [1, 2])), "promises [batch, 2], it gave [1, 2]"],
    ]
  ) {
    let message = "";
    await run(layer as Layer).catch((error) => message = error.message);
    assertStringIncludes(message, says as string);
  }
});
