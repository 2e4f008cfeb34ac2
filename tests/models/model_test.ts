import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { cnn } from "../../models/cnn.ts";
import type { Layer } from "../../models/layer.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { averagePool2d, maxPool2d } from "../../models/layers/pooling/pooling.ts";
import { sequential } from "../../models/model.ts";
import { tensor } from "../../ops/mod.ts";

Deno.test("cnn() has the 122,570 weights of the worked example, layer by layer", () => {
  const model = cnn();
  assertEquals(model.parameterCount, 122_570);
  assertEquals(
    model.layers.map((l) => [l.name, l.outputShape]),
    [
      ["conv2d_1", [30, 30, 32]],
      ["maxPool2d_1", [15, 15, 32]],
      ["conv2d_2", [13, 13, 64]],
      ["maxPool2d_2", [6, 6, 64]],
      ["conv2d_3", [4, 4, 64]],
      ["flatten_1", [1024]],
      ["dense_1", [64]],
      ["dense_2", [10]],
    ],
  );
  assertEquals(
    model.layers.map((l) => l.layer.config.activation).filter((name) => name),
    ["relu", "relu", "relu", "relu", "linear"],
  );
  assertEquals([...model.weights.keys()].length, 10);
  assertEquals(model.outputShape, [10]);
});

Deno.test("cnn() takes other images, classes and seeds", () => {
  const model = cnn({ inputShape: [28, 28, 1], classes: 3, seed: 5 });
  assertEquals([model.inputShape, model.outputShape], [[28, 28, 1], [3]]);
  assertEquals(cnn({ seed: 5 }).weights, cnn({ seed: 5 }).weights);
  const kernel = (seed: number) => cnn({ seed }).weights.get("dense_1/kernel")!.data;
  assertNotEquals(kernel(1), kernel(2));
  assertNotEquals(kernel(0).slice(0, 640), cnn().weights.get("dense_2/kernel")!.data);
});

Deno.test("sequential() counts the names of layers by their types, and takes given ones", () => {
  const model = sequential([
    dense({ units: 3 }),
    dropout(0.5),
    dense({ units: 3, name: "middle" }),
    dense({ units: 2 }),
  ], { inputShape: [4], name: "net" });
  assertEquals(model.layers.map((l) => l.name), ["dense_1", "dropout_1", "middle", "dense_3"]);
  assertEquals([...model.weights.keys()], [
    "dense_1/kernel",
    "dense_1/bias",
    "middle/kernel",
    "middle/bias",
    "dense_3/kernel",
    "dense_3/bias",
  ]);
  assertEquals(model.name, "net");
});

Deno.test("sequential() refuses two layers of one name", () => {
  const named = (name?: string) => dense({ units: 2, name });
  for (const layers of [[named("a"), named("a")], [named("dense_2"), named()]]) {
    const name = layers[0].name;
    assertThrows(
      () => sequential(layers, { inputShape: [2] }),
      RangeError,
      `Cannot make a model with two layers named "${name}"`,
    );
  }
});

Deno.test("sequential() says which layer does not fit, where, and both shapes", () => {
  const refused = (layers: Layer[], inputShape: number[]) =>
    assertThrows(() => sequential(layers, { inputShape }), RangeError).message;
  assertEquals(
    refused([flatten(), conv2d({ filters: 2, kernelSize: 3 })], [8, 8, 1]),
    "Cannot place layer 2 (conv2d) behind [64]: Cannot use conv2d on [64]: " +
      "it takes images [height, width, channels], without the batch axis",
  );
  const small = refused([maxPool2d(), conv2d({ filters: 2, kernelSize: [3, 5], name: "wide" })], [8, 8, 1]);
  assertStringIncludes(small, "Cannot place layer 2 (wide) behind [4, 4, 1]: ");
  assertStringIncludes(small, "an image of [4, 4]: a window of [3, 5] is larger");
  assertStringIncludes(
    refused([conv2d({ filters: 4, kernelSize: 1, groups: 3 })], [8, 8, 4]),
    "Cannot place layer 1 (conv2d) behind [8, 8, 4]: Cannot make conv2d with 3 groups: 4 channels",
  );
  assertStringIncludes(refused([averagePool2d()], [8, 8]), "layer 1 (averagePool2d) behind [8, 8]");
  assertStringIncludes(refused([dense({ units: 1 })], []), "layer 1 (dense) behind []");
  assertStringIncludes(refused([batchNormalization()], []), "layer 1 (batchNormalization) behind []");
});

Deno.test("sequential() refuses groups and sizes that are no whole numbers from 1", () => {
  for (const groups of [-1, 0, 1.5, NaN]) {
    const layer = () =>
      sequential([conv2d({ filters: 3, kernelSize: 1, groups })], { inputShape: [4, 4, 3] });
    assertStringIncludes(assertThrows(layer, RangeError).message, `${groups}`);
  }
  for (const size of [0, -1, 1.5, NaN]) {
    assertThrows(() => sequential([conv2d({ filters: 1, kernelSize: size })], { inputShape: [4, 4, 3] }));
    assertThrows(() => sequential([maxPool2d({ poolSize: size })], { inputShape: [4, 4, 3] }), RangeError);
    assertThrows(
      () => sequential([dense({ units: 2 })], { inputShape: [size] }),
      RangeError,
      "inputShape",
      `for ${size}`,
    );
  }
});

Deno.test("summary() is a table of layers, shapes and weights", () => {
  assertEquals(
    cnn().summary(),
    `
layer        activation  result        weights
----------------------------------------------
input                    [32, 32, 3]
conv2d_1     relu        [30, 30, 32]      896
maxPool2d_1              [15, 15, 32]        0
conv2d_2     relu        [13, 13, 64]   18,496
maxPool2d_2              [6, 6, 64]          0
conv2d_3     relu        [4, 4, 64]     36,928
flatten_1                [1024]              0
dense_1      relu        [64]           65,600
dense_2      linear      [10]              650
----------------------------------------------
cnn: 122,570 weights, 490.3 kB`.trim(),
  );
});

Deno.test("summary() tells trained weights from kept statistics", () => {
  const model = sequential([batchNormalization()], { inputShape: [8, 8, 16] });
  assertStringIncludes(model.summary(), "model: 64 weights, 32 of them trained, 0.3 kB");
});

Deno.test("setWeight() replaces a weight, and refuses wrong names, shapes, dtypes and lengths", () => {
  const model = sequential([dense({ units: 2 })], { inputShape: [3] });
  const value = ndarray("float32", [3, 2], [1, 2, 3, 4, 5, 6]);
  model.setWeight("dense_1/kernel", value);
  assertEquals(model.weights.get("dense_1/kernel"), value);
  const refused = (name: string, given: NdArray) =>
    assertThrows(() => model.setWeight(name, given), RangeError).message;
  assertEquals(
    refused("dense_1/kernels", value),
    'Cannot set weight "dense_1/kernels": there are dense_1/kernel, dense_1/bias',
  );
  assertStringIncludes(refused("dense_1/bias", value), "it is float32 [2], received float32 [3, 2]");
  assertStringIncludes(refused("dense_1/bias", ndarray("int32", [2], [1, 2])), "received int32 [2]");
  const short = { dtype: "float32", shape: [3, 2], data: new Float32Array(5) } as const;
  assertStringIncludes(refused("dense_1/kernel", short), "5");
  assertEquals(model.weights.get("dense_1/kernel"), value);
});

Deno.test("apply() refuses a batch of another shape and names both", () => {
  const model = sequential([dense({ units: 2 })], { inputShape: [3] });
  const weights = Object.fromEntries([...model.weights].map(([name, value]) => [name, tensor(value)]));
  const { message } = assertThrows(() => model.apply(tensor([[1, 2]]), weights), RangeError);
  assertEquals(message, "Cannot apply model to [1, 2]: it takes [batch, 3]");
  assert(model.apply(tensor([[1, 2, 3]]), weights).output.name === "dense_1");
});

Deno.test("a model without layers gives what it is given", () => {
  const model = sequential([], { inputShape: [3] });
  assertEquals([model.outputShape, model.parameterCount], [[3], 0]);
  assertEquals([...model.apply(tensor([[1, 2, 3]]), {}).output.shape], [1, 3]);
});
