import { assertAlmostEquals, assertEquals } from "@std/assert";
import { decodeModel, encodeModel, loadModel } from "../../models/model_file.ts";
import { describeModel } from "../../models/model_description.ts";
import { applyModel, someNumbers } from "./apply_model.ts";

/** Written by Gesso 0.1, whose descriptions had version 1; its last layer has the name that inputs have now. */
const path = new URL("fixtures/model_version_1.safetensors", import.meta.url).pathname;
/** What Gesso 0.1 gave for `someNumbers([2, 4, 4, 1])`. */
const given = [
  0.3058118224143982,
  -0.5424297451972961,
  -0.6887107491493225,
  0.9004403948783875,
  -0.8641710877418518,
  -0.6668494343757629,
];

Deno.test("a model's file of version 1 loads, with all that was known of it, and gives what it gave", async () => {
  const model = await loadModel(path);
  assertEquals([model.name, model.inputShape, model.outputShape], ["old", [4, 4, 1], [3]]);
  assertEquals(model.layers.map((l) => l.name), [
    "conv2d_1",
    "batchNormalization_1",
    "activation_1",
    "maxPool2d_1",
    "dropout_1",
    "flatten_1",
    "input",
  ]);
  assertEquals(model.info, {
    scale: 0.5,
    classNames: ["a", "ä", "猫"],
    dataset: "some",
    metrics: { testAccuracy: 0.71 },
    seed: 7,
  });
  const { output } = await applyModel(model, someNumbers([2, 4, 4, 1]));
  output.data.forEach((y, i) => assertAlmostEquals(y, given[i], 1e-6));
});

Deno.test("a model of version 1 is written as the graph that it is", async () => {
  const model = await loadModel(path);
  const again = decodeModel(encodeModel(model));
  const description = describeModel(again);
  assertEquals(description, describeModel(model));
  assertEquals(description.version, 2);
  assertEquals(description.inputs, [{ name: "input", shape: [4, 4, 1], dtype: "float32" }]);
  assertEquals(description.layers[0].from, [{ input: "input" }]);
  assertEquals(description.outputs, [{ name: "output", from: { layer: "input" } }]);
  assertEquals(again.weights, model.weights);
});
