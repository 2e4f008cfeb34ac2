import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { FormatError } from "../../formats/format_error.ts";
import { decodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { activation } from "../../models/layers/core/activation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { cnn } from "../../models/cnn.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import {
  averagePool2d,
  globalAveragePool2d,
  globalMaxPool2d,
  maxPool2d,
} from "../../models/layers/pooling/pooling.ts";
import { type Model, sequential } from "../../models/model.ts";
import { describeModel } from "../../models/model_description.ts";
import { decodeModel, encodeModel, loadModel, saveModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";

/** Every type of layer with options that are not the defaults. */
function everyLayer(): Model {
  const model = sequential([
    conv2d({ filters: 4, kernelSize: [3, 2], padding: [[1, 0], [0, 1]], strides: [1, 2], useBias: false }),
    batchNormalization({ momentum: 0.7, epsilon: 0.02 }),
    activation("silu"),
    maxPool2d({ poolSize: 2, strides: 1, padding: "same" }),
    conv2d({ filters: 4, kernelSize: 2, groups: 2, dilations: 2, kernelInitializer: { normal: 0.2 } }),
    averagePool2d({ poolSize: [1, 2] }),
    dropout(0.3),
    flatten(),
    dense({ units: 5, activation: "tanh", kernelInitializer: "orthogonal", name: "last" }),
  ], { inputShape: [8, 12, 3], name: "all layers", seed: 3 });
  fillWeights(model, 5);
  const variance = model.weights.get("batchNormalization_1/variance")!;
  model.setWeight("batchNormalization_1/variance", { ...variance, data: variance.data.map(Math.abs) });
  model.info = {
    scale: 0.5,
    classNames: ["a", "ä", "猫", "__proto__", ""],
    dataset: "some",
    metrics: { testAccuracy: 0.71, testLoss: 0.9 },
    seed: 4294967295,
    sound: { rate: 44100, classes: ["kick"], heard: [0, 0] },
    details: { mine: { list: [1, "猫", null], "": true } },
  };
  return model;
}

const bits = (model: Model) =>
  [...model.weights].map(([name, { data }]) => [name, [...new Uint32Array(data.slice().buffer)]]);

Deno.test("a model comes back from its file bit for bit, with all that is known of it", async () => {
  const model = everyLayer();
  // Numbers that careless code changes.
  model.weights.get("last/bias")!.data.set([-0, 1e-45, 3.4028234663852886e38, -1.1754943508222875e-38, 0.1]);
  const again = decodeModel(encodeModel(model), "all.safetensors");
  assertEquals(bits(again), bits(model));
  assertEquals([...again.weights.keys()], [...model.weights.keys()]);
  assertEquals(describeModel(again), JSON.parse(JSON.stringify(describeModel(model))));
  assertEquals(again.info, model.info);
  assertEquals([again.name, [...again.inputShape]], ["all layers", [8, 12, 3]]);
  assertEquals(encodeModel(again), encodeModel(model));
  model.weights.get("last/bias")!.data.fill(0.25);
  const x = someNumbers([2, 8, 12, 3]);
  for (const training of [false, true]) {
    const options = { training, seed: 9 };
    const same = decodeModel(encodeModel(model));
    assertEquals(
      (await applyModel(same, x, options)).output,
      (await applyModel(model, x, options)).output,
    );
  }
});

Deno.test("global pools come back from their files", () => {
  for (const layer of [globalAveragePool2d(), globalMaxPool2d()]) {
    const model = sequential([layer], { inputShape: [4, 4, 2] });
    assertEquals(decodeModel(encodeModel(model)).layers[0].layer.type, layer.type);
  }
});

Deno.test("a model's file is safetensors with its description in the metadata", () => {
  const { tensors, metadata } = decodeSafetensors(encodeModel(cnn({ seed: 1 })));
  assertEquals(Object.keys(tensors).length, 10);
  assertEquals([...tensors["conv2d_1/kernel"].shape], [3, 3, 3, 32]);
  const description = JSON.parse(metadata.gesso);
  assertEquals([description.version, description.name], [2, "cnn"]);
  assertEquals(description.layers[0].type, "conv2d");
});

Deno.test("layers and models may be named like parts of JavaScript objects", async () => {
  const names = ["__proto__", "constructor", "toString", "a/b", ""];
  const layers = names.map((name) => dense({ units: 3, name }));
  const model = sequential([...layers, batchNormalization({ name: "valueOf" })], {
    inputShape: [3],
    name: "__proto__",
  });
  fillWeights(model);
  model.weights.get("valueOf/variance")!.data.fill(0.5);
  const again = decodeModel(encodeModel(model));
  assertEquals(again.layers.map((l) => l.name), [...names, "valueOf"]);
  const x = someNumbers([2, 3]);
  const { output } = await applyModel(again, x, { training: true });
  assertEquals(output, (await applyModel(model, x, { training: true })).output);
  assert(output.data.every(Number.isFinite));
});

Deno.test("saveModel() and loadModel() go through a file, whole or not at all", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/deep/model.safetensors`;
  const model = everyLayer();
  await saveModel(cnn(), path);
  await saveModel(model, path, { root: folder.path });
  const again = await loadModel(path);
  assertEquals(bits(again), bits(model));
  assertEquals(again.info, model.info);
  assertEquals([...Deno.readDirSync(`${folder.path}/deep`)].map((e) => e.name), ["model.safetensors"]);
  await assertRejects(() => saveModel(model, `${folder.path}/../x`, { root: folder.path }), RangeError);
});

Deno.test("loadModel() names the file that is cut short, empty, missing or something else", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/model.safetensors`;
  const bytes = encodeModel(everyLayer());
  for (const length of [0, 7, 8, 100, bytes.length - 1]) {
    await Deno.writeFile(path, bytes.subarray(0, length));
    const { message } = await assertRejects(() => loadModel(path), FormatError);
    assertStringIncludes(message, path, `${length} bytes`);
  }
  await Deno.writeTextFile(path, "<!doctype html><title>Not found</title>".repeat(20));
  await assertRejects(() => loadModel(path), FormatError, path);
  await assertRejects(
    () => loadModel(`${folder.path}/none`),
    FormatError,
    `${folder.path}/none: there is no such file`,
  );
});

Deno.test("a model that could not be read again is not written, and the message says why", () => {
  const changed = (change: (model: Model) => void) => {
    const model = everyLayer();
    change(model);
    return assertThrows(() => encodeModel(model), RangeError).message;
  };
  const says = changed((model) => model.weights.get("last/kernel")!.data[2] = NaN);
  assertStringIncludes(says, "Cannot write model all layers: weight last/kernel is NaN at element 2 of ");
  assertStringIncludes(
    changed((model) => model.info = { classNames: ["one"] }),
    "1 class names for 5 outputs",
  );
  assertStringIncludes(changed((model) => model.info = { scale: 1e300 }), "scale");
});
