import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { graph } from "../../models/graph/graph.ts";
import { partOf } from "../../models/graph/part_of.ts";
import { input, merge } from "../../models/graph/symbolic_tensor.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { type Model, sequential } from "../../models/model.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";
import { sumOf } from "./graph_layers.ts";

/** A code of two numbers between layers that squeeze and unfold, as a file gives it back. */
function autoencoder(): Model {
  const encoder = sequential([dense({ units: 3 }), dense({ units: 2 })], {
    inputShape: [4],
    name: "encoder",
  });
  const decoder = sequential([dense({ units: 3 }), dense({ units: 4 })], {
    inputShape: [2],
    name: "decoder",
  });
  const model = sequential([encoder, decoder], { inputShape: [4] });
  fillWeights(model);
  const again = decodeModel(encodeModel(model));
  again.info = { scale: 0.25, inputDType: "uint8", classNames: ["a", "b", "c", "d"], seed: 3 };
  return again;
}

Deno.test("the halves of a model, one behind the other, give what the model gives", async () => {
  const model = autoencoder();
  const encoder = partOf(model, { outputs: "encoder/dense_2", name: "first half" });
  const decoder = partOf(model, { inputs: { code: "encoder/dense_2" }, outputs: "decoder/dense_2" });
  assertEquals([encoder.name, decoder.name], ["first half", "model"]);
  assertEquals(encoder.layers.map((l) => l.name), ["encoder/dense_1", "encoder/dense_2"]);
  assertEquals(decoder.inputs, { code: { shape: [2], dtype: "float32" } });
  const x = someNumbers([3, 4]);
  const { output: code } = await applyModel(encoder, x);
  assertEquals((await applyModel(decoder, code)).output, (await applyModel(model, x)).output);
});

Deno.test("a part shares its weights with the model, and knows what goes in", () => {
  const model = autoencoder();
  const [encoder, decoder] = [
    partOf(model, { outputs: "encoder/dense_2" }),
    partOf(model, { inputs: { code: "encoder/dense_2" }, outputs: { picture: "decoder/dense_2" } }),
  ];
  assert(encoder.weights.get("encoder/dense_1/kernel") === model.weights.get("encoder/dense_1/kernel"));
  const { weights } = model;
  const bias = ndarray("float32", [3], [1, 2, 3]);
  decoder.setWeight("decoder/dense_1/bias", bias);
  assertEquals(model.weights.get("decoder/dense_1/bias"), bias);
  assert(weights === model.weights);
  assertEquals([encoder.info, decoder.info], [{ scale: 0.25, inputDType: "uint8" }, {}]);
  assertEquals(decodeModel(encodeModel(encoder)).weights, encoder.weights);
});

Deno.test("a part with a later place of a shared layer alone has its weights", () => {
  const [x, y] = [input([2], { name: "x" }), input([2], { name: "y" })];
  const shared = dense({ units: 2 });
  const model = graph({ inputs: { x, y }, outputs: { a: x.to(shared), b: y.to(shared) } });
  const part = partOf(model, { outputs: "dense_1#2" });
  assertEquals(Object.keys(part.inputs), ["y"]);
  assert(part.weights.get("dense_1#2/kernel") === model.weights.get("dense_1/kernel"));
});

Deno.test("partOf() says which layer there is not, and which input does not help", () => {
  const model = autoencoder();
  const refused = (options: unknown) => assertThrows(() => partOf(model, options as never), Error).message;
  assertEquals(
    refused({ outputs: "dense_9" }),
    'Cannot take a part of model with output "output" "dense_9": there are encoder/dense_1, encoder/dense_2, ' +
      "decoder/dense_1, decoder/dense_2",
  );
  assertStringIncludes(
    refused({ inputs: { code: "x" }, outputs: "decoder/dense_2" }),
    'input "code" "x": there are',
  );
  assertStringIncludes(
    refused({ inputs: { code: "decoder/dense_1" }, outputs: "encoder/dense_2" }),
    'input "code": none of its outputs needs it',
  );
  assertStringIncludes(refused({}), "without outputs");
  assertStringIncludes(refused({ outputs: { a: 3 } }), 'output "a" 3');
  const x = input([2]);
  const skip = graph({ inputs: x, outputs: merge(sumOf(), [x, x.to(dense({ units: 2 }))]) });
  assertThrows(
    () => partOf(skip, { inputs: { input: "dense_1" }, outputs: "sumOf_1" }),
    RangeError,
    "it needs the model's input of that name, too",
  );
  assertEquals(Object.keys(partOf(skip, { inputs: { h: "dense_1" }, outputs: "sumOf_1" }).inputs), [
    "h",
    "input",
  ]);
});
