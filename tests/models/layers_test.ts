import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Layer } from "../../models/layer.ts";
import { activation, type ActivationName } from "../../models/layers/core/activation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { layerFrom, registerLayer } from "../../models/layers/layer_types.ts";
import { zeros } from "../../ops/mod.ts";
import { traceLayer } from "./apply_layer.ts";
import { layerCases } from "./layer_cases.ts";

for (const { what, layer, input, others = [], output, weights = {} } of layerCases) {
  Deno.test(`the layer ${what} gives the right shape and has the right weights`, () => {
    assertEquals(layer.outputShape(input, ...others), [...output]);
    const own = layer.weights(input, ...others);
    assertEquals(
      Object.fromEntries(own.map((w) => [w.name, [...w.shape]])),
      weights as Record<string, number[]>,
    );
    const dtypes = [layer.inputDType ?? "float32"].flat();
    const batch = [input, ...others].map((shape, i) => zeros([2, ...shape], dtypes[i] ?? dtypes[0]));
    const leaves = Object.fromEntries(own.map((w) => [w.name, zeros(w.shape)]));
    assertEquals([...traceLayer(layer, batch, leaves).shape], [2, ...output]);
  });

  Deno.test(`the layer ${what} comes back from its description as JSON`, () => {
    const description = { type: layer.type, config: layer.config };
    const again = layerFrom(JSON.parse(JSON.stringify(description)));
    assertEquals(again.type, layer.type);
    assertEquals(JSON.stringify(again.config), JSON.stringify(layer.config));
    assertEquals([again.arity, again.inputDType], [layer.arity, layer.inputDType]);
    assertEquals(again.outputShape(input, ...others), [...output]);
    assertEquals(
      again.weights(input, ...others).map((w) => [w.name, [...w.shape], w.initializer, w.trainable]),
      layer.weights(input, ...others).map((w) => [w.name, [...w.shape], w.initializer, w.trainable]),
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
  for (const type of ["perceptron", "constructor", "__proto__", "hasOwnProperty"]) {
    const error = assertThrows(() => layerFrom({ type, config: {} }), TypeError);
    assertStringIncludes(error.message, `Cannot make layer "${type}": there are activation, addLayers`);
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
  assertThrows(() => registerLayer("", make), TypeError, "a text that is not empty");
});
