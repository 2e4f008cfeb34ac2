/** Gradients of gradients through layers, as a gradient penalty takes them: devices agree with finite differences. */
import type { Layer } from "../../models/layer.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv1d } from "../../models/layers/convolution/conv1d.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { conv2dTranspose } from "../../models/layers/convolution/conv2d_transpose.ts";
import { conv3d } from "../../models/layers/convolution/conv3d.ts";
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
import { minGru } from "../../models/layers/recurrent/min_gru.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { averagePool1d, averagePool3d } from "../../models/layers/pooling/pooling.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { upsample2d } from "../../models/layers/reshaping/upsample2d.ts";
import { mul, ones } from "../../ops/mod.ts";
import { checkSecondOrder, type OpCase } from "../check_op.ts";
import { everyDevice } from "../devices.ts";
import { traceLayer } from "./apply_layer.ts";

const sequences = { units: 3, returnSequences: true };
const layers: Record<string, { layer: Layer; input: readonly number[]; lengths?: readonly number[] }> = {
  "rnn": { layer: rnn(sequences), input: [2, 4, 2] },
  "gru": { layer: gru({ ...sequences, direction: "backward" }), input: [2, 4, 2] },
  "gru with the reset gate before the product": {
    layer: gru({ units: 3, resetAfter: false }),
    input: [2, 4, 2],
  },
  "gru of ragged sequences in two ways": {
    layer: gru({ ...sequences, direction: "both", lengths: true }),
    input: [2, 4, 2],
    lengths: [3, 1],
  },
  "lstm": { layer: lstm(sequences), input: [2, 4, 2] },
  "minGru": { layer: minGru({ ...sequences, activation: "tanh" }), input: [2, 4, 2] },
  "rnn with dropout": { layer: rnn({ ...sequences, dropout: 0.3, recurrentDropout: 0.4 }), input: [2, 4, 3] },
  "gru with dropout": { layer: gru({ ...sequences, dropout: 0.3, recurrentDropout: 0.4 }), input: [2, 3, 3] },
  "gru with dropout and the reset gate before": {
    layer: gru({ ...sequences, resetAfter: false, recurrentDropout: 0.4 }),
    input: [2, 3, 2],
  },
  "lstm with dropout": {
    layer: lstm({ ...sequences, dropout: 0.3, recurrentDropout: 0.4 }),
    input: [2, 3, 3],
  },
  "multiHeadAttention with dropout": {
    layer: multiHeadAttention({ heads: 2, causal: true, dropout: 0.3 }),
    input: [2, 3, 4],
  },
  "multiHeadAttention": {
    layer: multiHeadAttention({ heads: 2, causal: true, rotary: true }),
    input: [2, 3, 4],
  },
  "multiHeadAttention of few keys": {
    layer: multiHeadAttention({ heads: 2, lengths: true }),
    input: [2, 3, 4],
    lengths: [0, 2],
  },
  "conv1d": { layer: conv1d({ filters: 2, kernelSize: 2, activation: "tanh" }), input: [2, 5, 2] },
  "conv2d": {
    layer: conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "silu" }),
    input: [2, 5, 4, 2],
  },
  "conv3d": { layer: conv3d({ filters: 2, kernelSize: 2, activation: "gelu" }), input: [2, 2, 3, 3, 1] },
  "conv2dTranspose": {
    layer: conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, activation: "sigmoid" }),
    input: [2, 2, 3, 2],
  },
  "batchNormalization": { layer: batchNormalization(), input: [3, 2, 2, 2] },
  "layerNormalization": { layer: layerNormalization(), input: [2, 3, 4] },
  "rmsNormalization": { layer: rmsNormalization(), input: [2, 3, 4] },
  "groupNormalization": { layer: groupNormalization({ groups: 2 }), input: [2, 3, 2, 4] },
  "instanceNormalization": { layer: instanceNormalization(), input: [2, 3, 2, 2] },
  "upsample2d": { layer: upsample2d({ method: "bilinear" }), input: [1, 2, 2, 2] },
  "averagePool1d": { layer: averagePool1d({ padding: "same" }), input: [2, 5, 2] },
  "averagePool3d": { layer: averagePool3d(), input: [1, 2, 3, 2, 2] },
};

/** The layer's result times itself, so that layers without a curve of their own have one. */
function caseOf(name: string, { layer, input, lengths }: typeof layers[string]): OpCase {
  const inputs = [input, ...lengths ? [[input[0]]] : []];
  const [first, ...others] = inputs.map((shape) => shape.slice(1));
  const all = layer.weights(first, ...others);
  const weights = all.filter(({ trainable }) => trainable);
  // Training moves statistics, and uses those of the batch.
  const statistics = Object.fromEntries(
    all.filter(({ trainable }) => !trainable).map(({ name, shape }) => [name, ones(shape)]),
  );
  return {
    name,
    inputs: [
      { shape: input, range: [-1, 1] },
      ...lengths ? [{ shape: [input[0]], dtype: "int32" as const, values: lengths }] : [],
      ...weights.map(({ shape }) => ({ shape, range: [-0.8, 0.8] as const })),
    ],
    build: (...given) => {
      const own = Object.fromEntries(weights.map((spec, i) => [spec.name, given[inputs.length + i]]));
      const y = traceLayer(layer, given.slice(0, inputs.length), { ...own, ...statistics }, true);
      return mul(y, y);
    },
  };
}

for (const { name: on, device } of everyDevice) {
  for (const [name, of] of Object.entries(layers)) {
    Deno.test(`gradients of gradients of the layer ${name} agree with finite differences on ${on}`, async () => {
      await checkSecondOrder(caseOf(name, of), device);
    });
  }
}
