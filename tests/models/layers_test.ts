import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Layer } from "../../models/layer.ts";
import { activation, type ActivationName } from "../../models/layers/activation.ts";
import { batchNormalization } from "../../models/layers/batch_normalization.ts";
import { conv2d } from "../../models/layers/conv2d.ts";
import { dense } from "../../models/layers/dense.ts";
import { dropout } from "../../models/layers/dropout.ts";
import { flatten } from "../../models/layers/flatten.ts";
import { layerFrom, registerLayer } from "../../models/layers/layer_types.ts";
import {
  averagePool2d,
  globalAveragePool2d,
  globalMaxPool2d,
  maxPool2d,
} from "../../models/layers/pooling.ts";

interface LayerCase {
  readonly what: string;
  readonly layer: Layer;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly weights?: Record<string, readonly number[]>;
}

const cases: readonly LayerCase[] = [
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
];

const shapesOf = (layer: Layer, input: readonly number[]) =>
  Object.fromEntries(layer.weights(input).map((w) => [w.name, [...w.shape]]));

for (const { what, layer, input, output, weights = {} } of cases) {
  Deno.test(`the layer ${what} gives the right shape and has the right weights`, () => {
    assertEquals(layer.outputShape(input), [...output]);
    assertEquals(shapesOf(layer, input), weights as Record<string, number[]>);
  });

  Deno.test(`the layer ${what} comes back from its description as JSON`, () => {
    const description = { type: layer.type, config: layer.config };
    const again = layerFrom(JSON.parse(JSON.stringify(description)));
    assertEquals(again.type, layer.type);
    assertEquals(JSON.stringify(again.config), JSON.stringify(layer.config));
    assertEquals(again.outputShape(input), [...output]);
    assertEquals(
      again.weights(input).map((w) => [w.name, [...w.shape], w.initializer, w.trainable]),
      layer.weights(input).map((w) => [w.name, [...w.shape], w.initializer, w.trainable]),
    );
  });
}

Deno.test("only the statistics of batchNormalization are not trained", () => {
  const weights = batchNormalization().weights([2, 2, 3]);
  assertEquals(weights.map((w) => w.trainable), [true, true, false, false]);
  assertEquals(weights.map((w) => w.initializer), ["ones", "zeros", "zeros", "ones"]);
});

const refused: Record<string, { make: () => Layer; says: readonly string[] }> = {
  "conv2d without filters": {
    make: () => conv2d({ filters: 0, kernelSize: 3 }),
    says: ["conv2d", "filters 0"],
  },
  "conv2d with half a filter": { make: () => conv2d({ filters: 1.5, kernelSize: 3 }), says: ["filters 1.5"] },
  "dense with no units": {
    make: () => dense({ units: 0 }),
    says: ["dense", "units 0", "whole number from 1"],
  },
  "dense with NaN units": { make: () => dense({ units: NaN }), says: ["units NaN"] },
  "dropout of everything": { make: () => dropout(1), says: ["dropout", "rate 1", "without 1"] },
  "dropout with a negative rate": { make: () => dropout(-0.1), says: ["rate -0.1"] },
  "dropout with NaN": { make: () => dropout(NaN), says: ["rate NaN"] },
  "batchNormalization with momentum 2": {
    make: () => batchNormalization({ momentum: 2 }),
    says: ["batchNormalization", "momentum 2"],
  },
  "batchNormalization with epsilon 0": {
    make: () => batchNormalization({ epsilon: 0 }),
    says: ["epsilon 0"],
  },
};

for (const [what, { make, says }] of Object.entries(refused)) {
  Deno.test(`the layer ${what} is refused at once`, () => {
    const { message } = assertThrows(make, RangeError);
    for (const part of says) assertStringIncludes(message, part);
  });
}

Deno.test("an unknown activation is refused with the names there are", () => {
  for (const name of ["swish", "__proto__", "toString", ""]) {
    for (const make of [activation, (n: ActivationName) => dense({ units: 1, activation: n })]) {
      const { message } = assertThrows(() => make(name as ActivationName), TypeError, `activation "${name}"`);
      assertStringIncludes(
        message,
        "linear, relu, leakyRelu, elu, gelu, silu, sigmoid, softplus, softmax, tanh",
      );
    }
  }
});

Deno.test("layerFrom() refuses types that are no layers, and names those there are", () => {
  for (const type of ["lstm", "constructor", "__proto__", "hasOwnProperty"]) {
    const error = assertThrows(() => layerFrom({ type, config: {} }), TypeError);
    assertStringIncludes(error.message, `Cannot make layer "${type}": there are activation, averagePool2d`);
  }
});

Deno.test("registerLayer() refuses a type that is taken, and what is no maker", () => {
  const make = () => flatten();
  for (const type of ["dense", "registered twice"]) {
    if (type !== "dense") registerLayer(type, make);
    assertThrows(
      () => registerLayer(type, make),
      RangeError,
      `Cannot register layer "${type}": there is one`,
    );
  }
  assertThrows(() => registerLayer("mine", null as never), TypeError, "a function");
  assertThrows(() => registerLayer(3 as never, make), TypeError, "type");
});
