import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FormatError } from "../../formats/format_error.ts";
import { graph } from "../../models/graph/graph.ts";
import { connect, input, merge } from "../../models/graph/symbolic_tensor.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { dense } from "../../models/layers/core/dense.ts";
import type { Layer, LayerConfig } from "../../models/layer.ts";
import { registerLayer } from "../../models/layers/layer_types.ts";
import { type Model, sequential } from "../../models/model.ts";
import { describeModel } from "../../models/model_description.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { mul } from "../../ops/mod.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";
import { makeFile, placed, withPlaced } from "./make_model_file.ts";
import { joined, scaledRows, sumOf } from "./graph_layers.ts";

registerLayer("joined", joined);
registerLayer("scaledRows", ({ rows, size }) => scaledRows(rows as number, size as number));

/** Shared layers, a model in it, whole numbers, several inputs and outputs with names that are numbers and the like. */
function everything(): Model {
  const encoder = sequential([dense({ units: 3 }), batchNormalization()], {
    inputShape: [4],
    name: "encoder",
  });
  const [x, z] = [input([4]), input([4])];
  const [word, factor] = [input([], { dtype: "int32" }), input([1])];
  const shared = dense({ units: 2, name: "shared" });
  const codes = merge(joined(), [x.to(encoder, shared), connect(encoder, [z]).output.to(shared)]);
  const looked = merge(scaledRows(6, 2), [word, factor]);
  const inputs = Object.fromEntries([["10", x], ["2", z], ["__proto__", word], ["factor", factor]]);
  return graph({ inputs, outputs: { codes, looked, factor }, name: "everything" });
}

Deno.test("a graph comes back from its file as it was", () => {
  const model = everything();
  model.info = { classNames: ["a", "b", "c", "d"] };
  const again = decodeModel(encodeModel(model));
  assertEquals(again.weights, model.weights);
  assertEquals(describeModel(again), JSON.parse(JSON.stringify(describeModel(model))));
  assertEquals(again.summary(), model.summary());
  assertEquals([again.inputs, again.outputs], [model.inputs, model.outputs]);
  assertEquals(encodeModel(again), encodeModel(model));
});

Deno.test("layers that shared their weights do so after loading", async () => {
  const x = input([3]);
  const shared = dense({ units: 3, activation: "tanh" });
  const model = graph({ inputs: x, outputs: merge(joined(), [x.to(shared), x.to(shared, shared)]) });
  fillWeights(model);
  const again = decodeModel(encodeModel(model));
  assertEquals(again.layers.map((l) => [l.name, l.owner]), model.layers.map((l) => [l.name, l.owner]));
  assertEquals(again.layers[1].layer, again.layers[0].layer);
  const batch = someNumbers([2, 3]);
  assertEquals((await applyModel(again, batch)).output, (await applyModel(model, batch)).output);
});

/** A layer as somebody may write it: a class with what it was made of in private. */
class Scaled implements Layer {
  readonly type: string;
  readonly config: { factor: number };
  readonly #factor: number;
  constructor(type: string, factor: number) {
    this.type = type;
    this.config = { factor };
    this.#factor = factor;
  }
  outputShape = (x: readonly number[]) => [...x];
  weights = () => [{ name: "gain", shape: [], initializer: "ones", trainable: true } as const];
  apply: Layer["apply"] = (x, { weights }) => mul(mul(x, this.#factor), weights.gain);
}

Deno.test("a layer of one's own comes back from a file once it is registered, and is not written before", async () => {
  const model = sequential([new Scaled("mine", 0.5), new Scaled("mine", 4)], {
    inputShape: [3],
    name: "own",
  });
  const { message } = assertThrows(() => encodeModel(model), RangeError);
  assertStringIncludes(message, 'Cannot write model own: Cannot make layer "mine": there are activation, ');
  assertStringIncludes(message, "has to be registered first, with registerLayer");
  registerLayer("mine", ({ factor }) => new Scaled("mine", factor as number));
  const bytes = encodeModel(model);
  const again = decodeModel(bytes);
  assertEquals(again.layers.map((l) => [l.name, l.layer.config]), [
    ["mine_1", { factor: 0.5 }],
    ["mine_2", { factor: 4 }],
  ]);
  const batch = someNumbers([2, 3]);
  assertEquals((await applyModel(again, batch)).output.data, batch.data.map((v) => v * 2));
});

Deno.test("a file with a layer that is not registered says how that is done, and what a maker throws is its reason", () => {
  const file = makeFile(withPlaced({ ...placed, type: "forgotten", config: {} }), {});
  assertThrows(
    () => decodeModel(file, "some"),
    FormatError,
    "has to be registered first, with registerLayer",
  );
  registerLayer("forgotten", () => {
    throw new TypeError("not today");
  });
  assertThrows(() => decodeModel(file, "some"), FormatError, "Cannot read model some: not today");
});

Deno.test("a layer of one's own that does not come back with the same weights is not written", () => {
  registerLayer("careless", () => dense({ units: 2 }));
  const careless = { ...sumOf(), type: "careless", arity: 1, outputShape: () => [2] };
  assertThrows(
    () => encodeModel(sequential([careless], { inputShape: [2] })),
    RangeError,
    "Cannot write model model: weight careless_1/kernel is missing",
  );
});

Deno.test("a layer of one's own with options that do not come back as they are is not written", () => {
  const own = (config: LayerConfig): Layer => ({ ...dense({ units: 2 }), type: "optioned", config });
  registerLayer(
    "optioned",
    ({ deep, ...config }) => own({ ...config, ...deep ? { deep: { b: 1, a: [2] } } : {} }),
  );
  const write = (config: LayerConfig) => encodeModel(sequential([own(config)], { inputShape: [2] }));
  write({ deep: { a: [2], b: 1 }, left: undefined, none: null });
  for (
    const [config, says] of [
      [{ rate: NaN }, "its option rate is NaN, and comes back as null"],
      [{ by: () => 1 }, "its option by is a function, and comes back as undefined"],
      [{ deep: { a: [3], b: 1 } }, 'its option deep is {"a":[3],"b":1}, and comes back as {"b":1,"a":[2]}'],
    ] as const
  ) {
    const error = assertThrows(() => write(config), RangeError);
    assertEquals(
      error.message,
      `Cannot write model model: layer optioned_1 would be another one in the file: ${says}`,
    );
  }
});
