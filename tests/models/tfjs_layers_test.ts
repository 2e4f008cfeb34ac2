/** Layers agree with those of TensorFlow.js on shared weights, taken over as Keras keeps them: results and all gradients. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as keras from "@tensorflow/tfjs-layers";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import type { Layer } from "../../models/layer.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2dTranspose } from "../../models/layers/convolution/conv2d_transpose.ts";
import { embedding } from "../../models/layers/embedding/embedding.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import { layerNormalization } from "../../models/layers/normalization/layer_normalization.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { everyDevice } from "../devices.ts";
import { assertAgrees } from "./agrees.ts";
import { factorsFor, runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";
import { importedWeights } from "./imported_weights.ts";

tf.enableProdMode();
await tf.setBackend("cpu");

interface Comparison {
  readonly ours: Layer;
  readonly theirs: () => keras.layers.Layer;
  readonly input: readonly number[];
  /** Whole numbers below this go in. */
  readonly tokens?: number;
  readonly training?: boolean;
}

const sequences = { units: 4, returnSequences: true } as const;
// Drawing orthogonal weights takes methods of tensors that its core leaves out.
const plain = { ...sequences, recurrentInitializer: "zeros" } as const;
const gates = { ...plain, recurrentActivation: "sigmoid" } as const;
const comparisons: Record<string, Comparison> = {
  "rnn": {
    ours: rnn({ units: 4, direction: "backward" }),
    theirs: () => keras.layers.simpleRNN({ ...plain, returnSequences: false, goBackwards: true }),
    input: [2, 5, 3],
  },
  "gru with the reset gate before the product": {
    ours: gru({ ...sequences, resetAfter: false }),
    theirs: () => keras.layers.gru(gates),
    input: [2, 5, 3],
  },
  "gru, its last state": {
    ours: gru({ units: 4, resetAfter: false, activation: "relu" }),
    theirs: () => keras.layers.gru({ ...gates, returnSequences: false, activation: "relu" }),
    input: [2, 5, 3],
  },
  "lstm": { ours: lstm(sequences), theirs: () => keras.layers.lstm(gates), input: [2, 5, 3] },
  "lstm, its last state": {
    ours: lstm({ units: 4 }),
    theirs: () => keras.layers.lstm({ ...gates, returnSequences: false }),
    input: [2, 5, 3],
  },
  "layerNormalization": {
    ours: layerNormalization({ epsilon: 1e-3 }),
    theirs: () => keras.layers.layerNormalization({ epsilon: 1e-3 }),
    input: [3, 4, 5],
  },
  "batchNormalization in training": {
    ours: batchNormalization(),
    theirs: () => keras.layers.batchNormalization(),
    input: [3, 4, 4, 5],
    training: true,
  },
  "batchNormalization": {
    ours: batchNormalization(),
    theirs: () => keras.layers.batchNormalization(),
    input: [3, 4, 4, 5],
  },
  "conv2dTranspose": {
    ours: conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: "same", activation: "tanh" }),
    theirs: () =>
      keras.layers.conv2dTranspose({
        filters: 3,
        kernelSize: 4,
        strides: 2,
        padding: "same",
        activation: "tanh",
      }),
    input: [2, 4, 5, 2],
  },
  "embedding": {
    ours: embedding({ tokens: 6, units: 3 }),
    theirs: () => keras.layers.embedding({ inputDim: 6, outputDim: 3 }),
    input: [2, 7],
    tokens: 6,
  },
};

/** What TensorFlow.js gives: the result, the input's gradient as `x0`, and weights and their gradients as files. */
function ofTfjs({ theirs, tokens, training }: Comparison, x: NdArray) {
  const layer = theirs();
  const given = tf.tensor(x.data as Float32Array, [...x.shape], tokens ? "int32" : "float32");
  layer.apply(given);
  layer.setWeights(
    layer.getWeights().map(({ shape }, i) => {
      const { data } = someNumbers(shape as number[], i + 3);
      const isVariance = layer.weights[i].originalName.endsWith("variance");
      return tf.tensor(
        isVariance ? (data as Float32Array).map((v) => v * v + 0.5) : data as Float32Array,
        shape,
      );
    }),
  );
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const result = (x: tf.Tensor) => layer.apply(x, { training }) as tf.Tensor;
  const output = result(given);
  const factors = tf.tensor(factorsFor(output.size), output.shape);
  const loss = (x: tf.Tensor) => tf.sum(tf.mul(result(x), factors)) as tf.Scalar;
  const { grads } = tf.variableGrads(() => loss(given), variables);
  const gradient = tokens ? undefined : tf.grad(loss)(given);
  const array = (t: tf.Tensor) => ndarray("float32", t.shape, t.dataSync() as Float32Array);
  // `gru_GRU1/kernel`: the part behind the layer is what Keras calls it.
  const own = (name: string) => name.slice(name.indexOf("/") + 1);
  return {
    output: array(output),
    gradient: gradient && array(gradient),
    weights: encodeSafetensors(
      Object.fromEntries(layer.weights.map((weight) => [own(weight.originalName), array(weight.read())])),
    ),
    gradients: encodeSafetensors(
      Object.fromEntries(
        layer.trainableWeights.map((
          weight,
          i,
        ) => [own(weight.originalName), array(grads[variables[i].name])]),
      ),
    ),
  };
}

for (const { name: on, device } of everyDevice) {
  for (const [name, comparison] of Object.entries(comparisons)) {
    Deno.test(`the layer ${name} agrees with TensorFlow.js on ${on}`, async () => {
      const { ours, input, tokens, training } = comparison;
      const x = tokens
        ? ndarray(
          "int32",
          input,
          Int32Array.from({ length: input.reduce((a, b) => a * b) }, (_, i) => i * i % tokens),
        )
        : someNumbers(input, 2);
      const expected = ofTfjs(comparison, x);
      const weights = await importedWeights(ours, [x], expected.weights, "*", { layout: "keras" });
      const { output, x0, ...gradients } = await runLayer(ours, device, [x], weights, { training });
      assertAgrees(output, expected.output, "the result");
      if (expected.gradient) assertAgrees(x0, expected.gradient, "the gradient of the input");
      const theirs = await importedWeights(ours, [x], expected.gradients, "*", {
        layout: "keras",
        partial: true,
      });
      for (const { name } of ours.weights(input.slice(1)).filter(({ trainable }) => trainable)) {
        assertAgrees(gradients[name], theirs[name], `the gradient of ${name}`);
      }
    });
  }
}
