/** Layers agree with PyTorch's on shared weights: what they give, and the gradients of all inputs and weights. */
import type { NdArray } from "../../engine/array.ts";
import type { Layer } from "../../models/layer.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv1d } from "../../models/layers/convolution/conv1d.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { conv2dTranspose } from "../../models/layers/convolution/conv2d_transpose.ts";
import { conv3d } from "../../models/layers/convolution/conv3d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { embedding } from "../../models/layers/embedding/embedding.ts";
import {
  groupNormalization,
  instanceNormalization,
} from "../../models/layers/normalization/group_normalization.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import { layerNormalization } from "../../models/layers/normalization/layer_normalization.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { upsample2d } from "../../models/layers/reshaping/upsample2d.ts";
import { everyDevice } from "../devices.ts";
import { assertAgrees } from "./agrees.ts";
import { runLayer } from "./apply_layer.ts";
import { importedWeights } from "./imported_weights.ts";
import { bytesUnder, under } from "./torch_layers.ts";

const sequences = { units: 4, returnSequences: true };
const epsilon = 1e-5;
const cases: Record<string, { layer: Layer; training?: boolean }> = {
  rnn: { layer: rnn(sequences) },
  gru: { layer: gru(sequences) },
  gruBoth: { layer: gru({ ...sequences, direction: "both" }) },
  gruRagged: { layer: gru({ ...sequences, direction: "both", lengths: true }) },
  lstm: { layer: lstm(sequences) },
  lstmBoth: { layer: lstm({ ...sequences, direction: "both" }) },
  lstmBegun: { layer: lstm({ ...sequences, direction: "both", initialState: true }) },
  attention: { layer: multiHeadAttention({ heads: 2 }) },
  attentionCausal: { layer: multiHeadAttention({ heads: 3, causal: true, useBias: false }) },
  attentionCross: { layer: multiHeadAttention({ heads: 2, context: true, lengths: true }) },
  layerNorm: { layer: layerNormalization() },
  layerNormOfTwo: { layer: layerNormalization({ axes: 2 }) },
  groupNorm: { layer: groupNormalization({ groups: 2 }) },
  instanceNorm: { layer: instanceNormalization() },
  batchNorm: { layer: batchNormalization({ epsilon }), training: true },
  batchNormKnown: { layer: batchNormalization({ epsilon }) },
  convTranspose: {
    layer: conv2dTranspose({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      padding: 1,
      outputPadding: 1,
      groups: 2,
    }),
  },
  convTransposeDilated: {
    layer: conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides: [1, 2], dilations: [2, 1] }),
  },
  conv2d: { layer: conv2d({ filters: 4, kernelSize: [3, 2], strides: [1, 2], padding: 1, groups: 2 }) },
  conv1d: { layer: conv1d({ filters: 4, kernelSize: 3, dilations: 2, padding: 2 }) },
  conv3d: { layer: conv3d({ filters: 3, kernelSize: [2, 3, 1], strides: [1, 2, 1] }) },
  embedding: { layer: embedding({ tokens: 7, units: 3 }) },
  linear: { layer: dense({ units: 3 }) },
  upsample: { layer: upsample2d({ method: "bilinear" }) },
};

/** The layer's own weights, or their gradients, moved from where PyTorch has them. */
const ofTorch = (name: string, layer: Layer, inputs: readonly NdArray[], of: "weights" | "gradients") =>
  importedWeights(layer, inputs, bytesUnder(`${name}.${of}.`), "*", {
    layout: "pytorch",
    partial: of === "gradients",
  });

for (const { name: on, device } of everyDevice) {
  for (const [name, { layer, training }] of Object.entries(cases)) {
    Deno.test(`the layer ${layer.type} agrees with PyTorch (${name}) on ${on}`, async () => {
      const inputs = Object.entries(under(`${name}.x`)).sort().map(([, value]) => value);
      const weights = await ofTorch(name, layer, inputs, "weights");
      const { output, ...gradients } = await runLayer(layer, device, inputs, weights, { training });
      assertAgrees(output, under(`${name}.y`)[""], `${name}: the result`);
      const expected: Record<string, NdArray> = {
        ...under(`${name}.gradients.`),
        ...await ofTorch(name, layer, inputs, "gradients"),
      };
      for (const [of, gradient] of Object.entries(gradients)) {
        if (of === "mean" || of === "variance") continue;
        assertAgrees(gradient, expected[of], `${name}: the gradient of ${of}`);
      }
    });
  }
}
