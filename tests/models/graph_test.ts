import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { graph } from "../../models/graph/graph.ts";
import { connect, input, merge } from "../../models/graph/symbolic_tensor.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { sequential } from "../../models/model.ts";
import { tensor } from "../../ops/mod.ts";
import { joined, scaledRows, sumOf } from "./graph_layers.ts";

/** Two inputs, a layer that is shared, a skip, and two outputs. */
function branched() {
  const [left, right] = [input([4], { name: "left" }), input([4], { name: "right" })];
  const shared = dense({ units: 4, activation: "tanh" });
  const a = left.to(shared);
  const b = merge(sumOf(), [right.to(shared), right]);
  const both = merge(joined(), [a, b]);
  return graph({
    inputs: { left, right },
    outputs: { kind: both.to(dense({ units: 3 })), size: both.to(dense({ units: 1 })) },
    name: "branched",
  });
}

Deno.test("a graph names its layers in the order in which they were placed, and places of one layer by number", () => {
  const model = branched();
  assertEquals(model.layers.map((l) => [l.name, l.owner, l.outputShape]), [
    ["dense_1", "dense_1", [4]],
    ["dense_1#2", "dense_1", [4]],
    ["sumOf_1", "sumOf_1", [4]],
    ["joined_1", "joined_1", [8]],
    ["dense_2", "dense_2", [3]],
    ["dense_3", "dense_3", [1]],
  ]);
  assertEquals(model.layers[1].from, [{ input: "right" }]);
  assertEquals(model.layers[2].from, [{ layer: "dense_1#2" }, { input: "right" }]);
  assertEquals(model.inputs, {
    left: { shape: [4], dtype: "float32" },
    right: { shape: [4], dtype: "float32" },
  });
  assertEquals(model.outputs, { kind: [3], size: [1] });
});

Deno.test("a layer with several places has its weights once", () => {
  const model = branched();
  assertEquals([...model.weights.keys()], [
    "dense_1/kernel",
    "dense_1/bias",
    "dense_2/kernel",
    "dense_2/bias",
    "dense_3/kernel",
    "dense_3/bias",
  ]);
  assertEquals(model.parameterCount, 20 + 27 + 9);
});

Deno.test("a graph of layers in a row is what sequential() makes", () => {
  const layers = () => [flatten(), dense({ units: 5, activation: "relu" }), dense({ units: 2 })];
  const image = input([2, 3], { name: "image" });
  const model = graph({ inputs: image, outputs: image.to(...layers()), seed: 7 });
  const row = sequential(layers(), { inputShape: [2, 3], seed: 7 });
  assertEquals(model.weights, row.weights);
  assertEquals([model.inputShape, model.outputShape], [row.inputShape, row.outputShape]);
  assertEquals([Object.keys(model.inputs), Object.keys(row.inputs)], [["image"], ["input"]]);
  assertNotEquals(graph({ inputs: image, outputs: image.to(...layers()) }).weights, row.weights);
});

Deno.test("sequential() takes what its first layer takes", () => {
  const rows = { ...scaledRows(5, 3), arity: 1, inputDType: "int32" } as const;
  const model = sequential([rows], { inputShape: [] });
  assertEquals(model.inputs, { input: { shape: [], dtype: "int32" } });
  assertEquals(sequential([model], { inputShape: [] }).inputs, model.inputs);
});

Deno.test("summary() says what each layer takes where there are branches", () => {
  assertEquals(
    branched().summary(),
    `
layer      activation  from              result  weights
--------------------------------------------------------
left                                     [4]
right                                    [4]
dense_1    tanh        left              [4]          20
dense_1#2  tanh        right             [4]      shared
sumOf_1                dense_1#2, right  [4]           0
joined_1               dense_1, sumOf_1  [8]           0
dense_2    linear      joined_1          [3]          27
dense_3    linear      joined_1          [1]           9
--------------------------------------------------------
kind: dense_2 [3]
size: dense_3 [1]
branched: 56 weights, 0.2 kB`.trim(),
  );
});

Deno.test("a layer that does not fit is refused where it is placed, by name, with the shapes and the way out", () => {
  const refused = (make: () => unknown) => assertThrows(make, RangeError).message;
  const [a, b, word] = [input([3]), input([4]), input([], { dtype: "int32" })];
  assertEquals(
    refused(() => merge(sumOf(), [a, b])),
    "Cannot place sumOf behind [3] and [4]: Cannot add [3] and [4]",
  );
  assertEquals(
    refused(() => a.to(sumOf())),
    "Cannot place sumOf behind [3]: sumOf takes 2 inputs, and there is 1; merge gives it several",
  );
  assertEquals(
    refused(() => merge(dense({ units: 1, name: "last" }), [a, b])),
    'Cannot place dense "last" behind [3] and [4]: dense takes 1 input, and there are 2',
  );
  assertStringIncludes(refused(() => merge(joined(), [])), "takes at least one input, and there are 0");
  assertEquals(
    refused(() => word.to(dense({ units: 1 }))),
    "Cannot place dense behind int32 []: dense takes float32; an embedding makes it of tokens",
  );
  assertEquals(
    refused(() => merge(scaledRows(5, 3), [a, a])),
    "Cannot place scaledRows behind [3] and [3]: scaledRows takes int32 as input 1; " +
      'an input of whole numbers has the dtype "int32"',
  );
  const empty = { ...sumOf(), arity: 1, outputShape: () => [0] };
  assertStringIncludes(refused(() => a.to(empty)), "its result [0] is empty");
  assertThrows(() => a.to("dense" as never), TypeError, "neither a layer");
  assertThrows(() => merge(sumOf(), [a, 3 as never]), TypeError, "input 2");
});

Deno.test("a shared layer has to need the same weights at each place", () => {
  const shared = dense({ units: 2 });
  const [a, b] = [input([3]), input([4])];
  const { message } = assertThrows(
    () => graph({ inputs: { a, b }, outputs: { x: a.to(shared), y: b.to(shared) } }),
    RangeError,
  );
  assertEquals(
    message,
    "Cannot place dense_1#2 behind [4]: it shares the weights of dense_1, which are kernel [3, 2], bias [2], " +
      "and would need kernel [4, 2], bias [2]",
  );
});

Deno.test("graph() refuses inputs that are missing, of no use, there twice, or not made by input()", () => {
  const [a, b] = [input([3], { name: "a" }), input([3], { name: "b" })];
  const y = merge(sumOf(), [a, b]);
  const refused = (make: () => unknown) => assertThrows(make, Error).message;
  assertEquals(
    refused(() => graph({ inputs: a, outputs: y })),
    'Cannot make a model of the inputs a: its outputs need "b" [3], too',
  );
  assertStringIncludes(
    refused(() => graph({ inputs: { a, b }, outputs: a })),
    'input "b": none of its outputs needs it',
  );
  assertStringIncludes(
    refused(() => graph({ inputs: { a, b, c: a }, outputs: y })),
    '"c": it is there twice',
  );
  assertStringIncludes(refused(() => graph({ inputs: y, outputs: y })), "it is what sumOf gives");
  assertStringIncludes(
    refused(() => graph({ inputs: [a, b] as never, outputs: y })),
    "give one value, or several as { name: value }",
  );
  assertStringIncludes(refused(() => graph({ inputs: a, outputs: {} })), "outputs without names");
  assertStringIncludes(
    refused(() => graph({ inputs: a, outputs: dense({ units: 1 }) as never })),
    'output "type"',
  );
  assertStringIncludes(refused(() => graph({ inputs: a } as never)), "without outputs");
  assertStringIncludes(refused(() => graph({ inputs: a, outputs: y, layers: [] } as never)), '"layers"');
  const named = () => a.to(dense({ units: 1, name: "same" }));
  assertStringIncludes(
    refused(() => graph({ inputs: a, outputs: { x: named(), y: named() } })),
    'two layers named "same"',
  );
});

Deno.test("input() refuses shapes, names and dtypes that are none", () => {
  for (const shape of [[0], [1.5], "3", null, [2 ** 20, 2 ** 20]]) {
    assertThrows(() => input(shape as never), Error);
  }
  assertThrows(() => input([1], { dtype: "uint8" as never }), TypeError, "float32, int32");
  assertThrows(() => input([1], { name: 3 as never }), TypeError, "name");
});

Deno.test("a graph may give one value under two names, and an input as it is", () => {
  const x = input([2]);
  const y = x.to(dense({ units: 1 }));
  const model = graph({ inputs: x, outputs: { y, again: y, x } });
  assertEquals(model.outputs, { y: [1], again: [1], x: [2] });
});

Deno.test("inputShape and outputShape are of models with one of each; others name theirs", () => {
  const model = branched();
  assertThrows(
    () => model.inputShape,
    RangeError,
    "it has the inputs left, right; inputs has the shape of each",
  );
  assertThrows(() => model.outputShape, RangeError, "it has the outputs kind, size");
});

Deno.test("apply() takes a batch of each input by name, and says which is missing or of another size", () => {
  const model = branched();
  const weights = Object.fromEntries([...model.weights].map(([name, value]) => [name, tensor(value)]));
  const batch = (examples: number, size = 4) =>
    tensor(ndarray("float32", [examples, size], new Array(examples * size).fill(0)));
  const result = model.apply({ left: batch(2), right: batch(2) }, weights);
  assertEquals([result.outputs.kind.shape, result.outputs.size.shape], [[2, 3], [2, 1]]);
  assert(result.output === result.outputs.kind);
  const refused = (x: unknown) => assertThrows(() => model.apply(x as never, weights), RangeError).message;
  const takes = "it takes left [batch, 4], right [batch, 4], received";
  assertEquals(refused({ left: batch(2) }), `Cannot apply branched without input "right": ${takes} left`);
  assertEquals(refused(batch(2)), `Cannot apply branched without input "left": ${takes} one tensor [2, 4]`);
  assertEquals(refused({}), `Cannot apply branched without input "left": ${takes} none`);
  assertEquals(
    refused({ left: batch(2), right: batch(2, 3) }),
    'Cannot apply branched to [2, 3]: its input "right" takes [batch, 4]',
  );
  assertEquals(
    refused({ left: batch(2), right: batch(3) }),
    "Cannot apply branched to batches of 2, 3 examples: its inputs left, right take as many each",
  );
});

Deno.test("apply() shows the result of each place of a layer to the one who watches", () => {
  const model = branched();
  const weights = Object.fromEntries([...model.weights].map(([name, value]) => [name, tensor(value)]));
  const batch = tensor([[1, 2, 3, 4]]);
  const seen: string[] = [];
  model.apply({ left: batch, right: batch }, weights, {
    watch: (name, y) => seen.push(`${name} [${y.shape}]`),
  });
  assertEquals(seen.slice(0, 4), ["dense_1 [1,4]", "dense_1#2 [1,4]", "sumOf_1 [1,4]", "joined_1 [1,8]"]);
});

Deno.test("a model in another one keeps the names of its layers behind its own, and shares its weights", () => {
  const encoder = sequential([dense({ units: 3, name: "code" })], {
    inputShape: [4],
    name: "encoder",
    seed: 1,
  });
  const decoder = sequential([dense({ units: 4 })], { inputShape: [3], name: "decoder", seed: 2 });
  const both = sequential([encoder, decoder], { inputShape: [4], name: "both" });
  assertEquals([...both.weights.keys()], [
    "encoder/code/kernel",
    "encoder/code/bias",
    "decoder/dense_1/kernel",
    "decoder/dense_1/bias",
  ]);
  assert(both.weights.get("encoder/code/kernel") === encoder.weights.get("code/kernel"));
  const bias = ndarray("float32", [3], [1, 2, 3]);
  both.setWeight("encoder/code/bias", bias);
  assertEquals(encoder.weights.get("code/bias"), bias);
  encoder.setWeight("code/bias", ndarray("float32", [3], [4, 5, 6]));
  assertEquals([...both.weights.get("encoder/code/bias")!.data], [4, 5, 6]);
  // Models within models within models are all one.
  const outer = sequential([both, dense({ units: 1 })], { inputShape: [4] });
  assertEquals(outer.layers.map((l) => l.name), ["both/encoder/code", "both/decoder/dense_1", "dense_1"]);
  outer.setWeight("both/encoder/code/bias", bias);
  assertEquals(encoder.weights.get("code/bias"), bias);
});

Deno.test("a model may have several places, and two models of one name are told apart", () => {
  const make = (seed: number) => sequential([dense({ units: 4 })], { inputShape: [4], name: "block", seed });
  const [first, second] = [make(1), make(2)];
  const x = input([4]);
  const model = graph({ inputs: x, outputs: x.to(first, second, first) });
  assertEquals(model.layers.map((l) => l.name), ["block/dense_1", "block_2/dense_1", "block/dense_1#2"]);
  assertEquals([...model.weights.values()], [...first.weights.values(), ...second.weights.values()]);
});

Deno.test("connect() gives all outputs of a model by name, and says which input does not fit", () => {
  const model = branched();
  const [x, y] = [input([4]), input([4])];
  for (const given of [{ left: x, right: y }, [x, y]]) {
    const { kind, size } = connect(model, given);
    assertEquals([kind.shape, size.shape], [[3], [1]]);
  }
  const refused = (make: () => unknown) => assertThrows(make, Error).message;
  assertStringIncludes(
    refused(() => merge(model, [x, y])),
    "it has 2 outputs; connect gives all of them by name",
  );
  assertStringIncludes(
    refused(() => connect(model, x)),
    'Cannot place branched with input "right" undefined',
  );
  assertStringIncludes(
    refused(() => connect(model, [x, input([3])])),
    'Cannot place branched behind [3]: its input "right" is [4]',
  );
  assertStringIncludes(refused(() => connect(model, [x, y, x])), "behind 3 values: it takes left, right");
});

Deno.test("two models with the same layer and weights of their own cannot be in one model", () => {
  const layer = dense({ units: 3 });
  const [a, b] = [1, 2].map((seed) => sequential([layer], { inputShape: [3], name: `net${seed}`, seed }));
  assertThrows(
    () => sequential([a, b], { inputShape: [3] }),
    RangeError,
    'Cannot make a model with net2: another model in it has the same layer "dense_1", with weights of its own',
  );
});

Deno.test("a graph of thousands of layers is made without calls that deep", () => {
  const x = input([2]);
  let y = x;
  for (let i = 0; i < 2000; i++) y = merge(sumOf(), [y, y.to(batchNormalization())]);
  const model = graph({ inputs: x, outputs: y });
  assertEquals(model.layers.length, 4000);
  model.summary();
});
