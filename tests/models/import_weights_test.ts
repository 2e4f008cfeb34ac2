/** Weights from files of other libraries: what is taken, what is left over, and what is refused. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { graph } from "../../models/graph/graph.ts";
import { input } from "../../models/graph/symbolic_tensor.ts";
import { activation } from "../../models/layers/core/activation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { pixelShuffle } from "../../models/layers/reshaping/pixel_shuffle.ts";
import { permute } from "../../models/layers/reshaping/permute.ts";
import { type Model, sequential } from "../../models/model.ts";
import { encodeModel } from "../../models/model_file.ts";
import { type ImportOptions, importWeights } from "../../models/weights/import_weights.ts";
import { applyModel, fillWeights } from "./apply_model.ts";
import { bytesUnder, torchBytes, torchFile, under } from "./torch_layers.ts";

const net = () =>
  sequential([
    conv2d({ filters: 4, kernelSize: 3, useBias: false, name: "0" }),
    batchNormalization({ epsilon: 1e-5, name: "1" }),
    activation("relu"),
    conv2d({ filters: 4, kernelSize: 3, padding: 1, activation: "relu", name: "3" }),
    permute([2, 0, 1]),
    flatten(),
    dense({ units: 5, name: "6" }),
  ], { inputShape: [6, 6, 3] });

Deno.test("importWeights() takes a model of PyTorch in float32, half and bfloat16, and it gives what PyTorch's gives", async () => {
  const model = net();
  const result = await importWeights(model, torchBytes, {
    layout: "pytorch",
    map: (layer) => `net.weights.${layer}`,
  });
  assertEquals(result.taken["0/kernel"], ["net.weights.0.weight"]);
  assertEquals(result.taken["1/variance"], ["net.weights.1.running_var"]);
  assertEquals(Object.keys(result.taken), [...model.weights.keys()]);
  assertEquals(result.untouched, []);
  assertEquals(result.converted, {
    "net.weights.3.weight": "F16",
    "net.weights.3.bias": "F16",
    "net.weights.6.weight": "BF16",
    "net.weights.6.bias": "BF16",
  });
  // How many batches were counted is of no use here, and no complaint.
  assert(
    result.leftOver.includes("gru.y") && !result.leftOver.some((name) => name.startsWith("net.weights.")),
  );
  const { output } = await applyModel(model, torchFile.tensors["net.x0"]);
  torchFile.tensors["net.y"].data.forEach((value, i) => assertAlmostEquals(output.data[i], value, 1e-5));
});

Deno.test("importWeights() takes the layers of a stack by number, and a path in place of bytes", async () => {
  const stack = sequential([
    lstm({ units: 4, returnSequences: true }),
    lstm({ units: 4, returnSequences: true }),
  ], {
    inputShape: [5, 3],
  });
  const path = new URL("fixtures/torch_layers.safetensors", import.meta.url);
  const { taken } = await importWeights(stack, path, {
    layout: "pytorch",
    map: { lstm_1: "lstmStack.weights", lstm_2: "lstmStack.weights.*_l1" },
  });
  assertEquals(taken["lstm_1/kernel"], ["lstmStack.weights.weight_ih_l0"]);
  assertEquals(taken["lstm_2/bias"], ["lstmStack.weights.bias_ih_l1", "lstmStack.weights.bias_hh_l1"]);
  const { output } = await applyModel(stack, torchFile.tensors["lstmStack.x0"]);
  torchFile.tensors["lstmStack.y"].data.forEach((value, i) =>
    assertAlmostEquals(output.data[i], value, 1e-5)
  );
});

Deno.test("importWeights() gives pixelShuffle what PyTorch's PixelShuffle gets", async () => {
  const model = sequential([conv2d({ filters: 8, kernelSize: 1, name: "0" }), pixelShuffle()], {
    inputShape: [5, 4, 6],
  });
  await importWeights(model, bytesUnder("pixelShuffle.weights."), { layout: "pytorch" });
  const { output } = await applyModel(model, torchFile.tensors["pixelShuffle.x0"]);
  torchFile.tensors["pixelShuffle.y"].data.forEach((value, i) =>
    assertAlmostEquals(output.data[i], value, 1e-5)
  );
});

Deno.test("importWeights() knows Keras's names of cells, of two ways and of heads, and both biases of its GRU", async () => {
  const numbers = (shape: number[], from = 0) =>
    ndarray("float32", shape, Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => from + i));
  const own = [gru({ units: 1, direction: "both", returnSequences: true }), multiHeadAttention({ heads: 2 })];
  const model = sequential(own, { inputShape: [5, 1] });
  const heads = ["query", "key", "value"].flatMap((of) => [
    [`mha/${of}/kernel`, numbers([2, 2, 1])] as const,
    [`mha/${of}/bias`, numbers([2, 1])] as const,
  ]);
  await importWeights(
    model,
    encodeSafetensors({
      "bi/forward_gru/gru_cell/kernel": numbers([1, 3]),
      "bi/forward_gru/gru_cell/recurrent_kernel": numbers([1, 3]),
      "bi/forward_gru/gru_cell/bias": numbers([2, 3]),
      "bi/backward_gru/gru_cell/kernel": numbers([1, 3], 7),
      "bi/backward_gru/gru_cell/recurrent_kernel": numbers([1, 3]),
      "bi/backward_gru/gru_cell/bias": numbers([2, 3], 10),
      ...Object.fromEntries(heads),
      "mha/attention_output/kernel": numbers([2, 1, 2], 5),
      "mha/attention_output/bias": numbers([2]),
    }),
    { layout: "keras", map: { gru_1: "bi", multiHeadAttention_1: "mha" } },
  );
  const data = (name: string) => [...model.weights.get(name)!.data];
  // The gates' biases are added; the candidate's are not.
  assertEquals([data("gru_1/bias"), data("gru_1/recurrentBias")], [[0 + 3, 1 + 4, 2], [5]]);
  assertEquals([data("gru_1/backwardBias"), data("gru_1/backwardRecurrentBias")], [[10 + 13, 11 + 14, 12], [
    15,
  ]]);
  assertEquals(data("gru_1/backwardKernel"), [7, 8, 9]);
  assertEquals(data("multiHeadAttention_1/outputKernel"), [5, 6, 7, 8]);
  assertEquals(data("multiHeadAttention_1/keyBias"), [0, 1]);
});

Deno.test("importWeights() of Gesso's own layout gives back what encodeModel() wrote", async () => {
  const [from, to] = [net(), net()];
  fillWeights(from, 3);
  const result = await importWeights(to, encodeModel(clean(from)));
  assertEquals(to.weights, from.weights);
  assertEquals([result.untouched, result.leftOver], [[], []]);
});

/** Variances are not negative. */
function clean(model: Model): Model {
  const { shape, data } = model.weights.get("1/variance")!;
  model.setWeight("1/variance", ndarray("float32", shape, data.map(Math.abs)));
  return model;
}

Deno.test("importWeights() with partial leaves what is not in the file, and what a map leaves out", async () => {
  const model = sequential([gru({ units: 4, name: "trunk" }), dense({ units: 2, name: "head" })], {
    inputShape: [5, 3],
  });
  const before = model.weights.get("head/kernel");
  const bytes = bytesUnder("gru.weights.");
  const map = { trunk: "*" };
  const result = await importWeights(model, bytes, { layout: "pytorch", map, partial: true });
  assertEquals(result.untouched, ["head/kernel", "head/bias"]);
  assertEquals(result.leftOver, []);
  assertEquals(model.weights.get("head/kernel"), before);
  const again = await importWeights(model, bytes, {
    layout: "pytorch",
    map: (layer) => layer === "trunk" ? "*" : undefined,
  });
  assertEquals(again, result);
});

Deno.test("importWeights() takes a tensor by its full name, turned as its weight asks", async () => {
  const model = sequential([multiHeadAttention({ heads: 2, keyHeads: 1, useBias: false })], {
    inputShape: [3, 4],
  });
  const tensor = (rows: number) =>
    ndarray("float32", [rows, 4], Array.from({ length: rows * 4 }, (_, i) => i));
  const [name, map] = ["multiHeadAttention_1", {
    "multiHeadAttention_1/queryKernel": "wq",
    "multiHeadAttention_1/keyKernel": "wk",
    "multiHeadAttention_1/valueKernel": "wv",
    multiHeadAttention_1: "attn",
  }];
  const file = encodeSafetensors({
    wq: tensor(4),
    wk: tensor(2),
    wv: tensor(2),
    "attn.out_proj.weight": tensor(4),
  });
  await importWeights(model, file, { layout: "pytorch", map });
  assertEquals([...model.weights.get(`${name}/keyKernel`)!.data], [0, 4, 1, 5, 2, 6, 3, 7]);
});

const small = () =>
  sequential([dense({ units: 3, name: "a" }), dense({ units: 2, name: "b" })], { inputShape: [4] });
/** A layer at two places. */
function twice(): Model {
  const [x, layer] = [input([4]), dense({ units: 4, name: "a" })];
  return graph({ inputs: x, outputs: x.to(layer, layer) });
}
const ones = (...shape: number[]) =>
  ndarray("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
const refused: Record<string, { file?: Uint8Array; model?: Model; options: ImportOptions; says: string[] }> =
  {
    "all that is missing or of another shape, and what nothing took": {
      file: encodeSafetensors({
        "a.weight": ones(4, 3),
        "a.bias": ones(3),
        "b.weight": ndarray("int32", [2, 3], new Int32Array(6)),
        "c.weight": ones(1),
      }),
      options: { layout: "pytorch" },
      says: [
        "Cannot import weights into model from bytes: ",
        "a/kernel [4, 3] takes a.weight [4, 3], which would have to be [3, 4]",
        "b/kernel [3, 2] takes b.weight, which is int32",
        "b/bias takes b.bias, which is missing",
        "Nothing took c.weight",
      ],
    },
    "a map with a layer that there is not": {
      options: { layout: "pytorch", map: { c: "x" } },
      says: ['with "c" in map: model has the layers a, b'],
    },
    "a map with names of which the file has nothing, also where it may be partial": {
      file: encodeSafetensors({ "a.weight": ones(3, 4) }),
      options: { layout: "pytorch", partial: true, map: { b: "c", "a/bias": "d" } },
      says: ["b takes c, of which there is nothing", "a/bias takes d, of which there is nothing"],
    },
    "a map with a place that has the weights of another": {
      model: twice(),
      options: { map: { "a#2": "x" } },
      says: ['with "a#2" in map: its weights are those of a; name that'],
    },
    "a map that gives what is no name": {
      options: { map: () => 3 as never },
      says: ["of layer a from 3: map has to give a name, or nothing"],
    },
    "what is no model": { model: {} as Model, options: {}, says: ["into what is no Model"] },
    "a map that is none": {
      options: { map: ["a"] as never },
      says: ["map", "an object of names, or a function"],
    },
    "a layout that there is not": {
      options: { layout: "onnx" as never },
      says: ["layout", "gesso, pytorch, keras"],
    },
    "a sum of tensors by the name of one": {
      model: sequential([lstm({ units: 1, name: "l" })], { inputShape: [2, 1] }),
      file: encodeSafetensors({ bias: ones(4), "l.weight_ih": ones(4, 1), "l.weight_hh": ones(4, 1) }),
      options: { layout: "pytorch", map: { "l/bias": "bias" } },
      says: ["l/bias [4] takes the sum of several tensors, and not bias alone"],
    },
    "a gru of the other form": {
      model: sequential([gru({ units: 4, resetAfter: false })], { inputShape: [5, 3] }),
      file: bytesUnder("gru.weights."),
      options: { layout: "pytorch", map: { gru_1: "*" } },
      says: ["a gru whose reset gate is before the product"],
    },
  };
for (
  const [what, { file = encodeSafetensors({}), model = small(), options, says }] of Object.entries(refused)
) {
  Deno.test(`importWeights() refuses ${what}, and changes no weight`, async () => {
    const before = model.weights;
    const { message } = await assertRejects(() => importWeights(model, file, options), Error);
    for (const part of says) assertStringIncludes(message, part);
    assertEquals(model.weights, before);
  });
}

Deno.test("importWeights() says what is wrong with a broken file", async () => {
  await assertRejects(() => importWeights(small(), new Uint8Array(3)), FormatError, "at least 8 bytes");
});

Deno.test("the file of PyTorch holds counts in 64 bits, which are read, too", () => {
  assertEquals(under("net.weights.1.")["num_batches_tracked"].dtype, "int32");
  assertEquals(torchFile.converted["net.weights.1.num_batches_tracked"], "I64");
});

Deno.test({
  name: "importWeights() of bytes needs no permission, and of a path that to read it",
  permissions: "none",
  fn: async () => {
    await importWeights(small(), encodeModel(small()));
    const path = new URL("fixtures/torch_layers.safetensors", import.meta.url);
    await assertRejects(() => importWeights(small(), path), Deno.errors.NotCapable);
  },
});
