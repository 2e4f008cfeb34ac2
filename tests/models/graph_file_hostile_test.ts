import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FormatError } from "../../formats/format_error.ts";
import { decodeModel } from "../../models/model_file.ts";
import { graphDescription, layer, makeFile as file, placed, withPlaced } from "./make_model_file.ts";

Deno.test("the file of a graph that the others are made from is a model", () => {
  assertEquals(decodeModel(file(graphDescription)).parameterCount, 9);
});

const flatten = (name: string, ...from: unknown[]) => ({ type: "flatten", name, config: {}, from });

const wrong: Record<string, { given: unknown; says: string }> = {
  "a graph without inputs": {
    given: { ...graphDescription, inputs: undefined },
    says: "lacks inputs",
  },
  "an empty list of inputs": {
    given: { ...graphDescription, inputs: [] },
    says: 'layer 1 (d) of input "x": there is none before it',
  },
  "an input that is null": { given: { ...graphDescription, inputs: [null] }, says: "input 1" },
  "an input without a name": {
    given: { ...graphDescription, inputs: [{ shape: [2], dtype: "float32" }] },
    says: "input 1 of its description lacks a name",
  },
  "an input of another dtype": {
    given: { ...graphDescription, inputs: [{ name: "x", shape: [2], dtype: "uint8" }] },
    says: "dtype",
  },
  "whole numbers for a layer of others": {
    given: { ...graphDescription, inputs: [{ name: "x", shape: [2], dtype: "int32" }] },
    says: "Cannot place layer 1 (d) behind int32 [2]: dense takes float32",
  },
  "an input of a shape that is none": {
    given: { ...graphDescription, inputs: [{ name: "x", shape: [2, -1], dtype: "float32" }] },
    says: "shape",
  },
  "an input of more elements than can be counted": {
    given: { ...graphDescription, inputs: [{ name: "x", shape: [65536, 65536], dtype: "float32" }] },
    says: "4294967296 elements",
  },
  "a part of an input that is not known": {
    given: { ...graphDescription, inputs: [{ name: "x", shape: [2], dtype: "float32", scale: 1 }] },
    says: '"scale", which is none of name, shape, dtype',
  },
  "two inputs of one name": {
    given: { ...graphDescription, inputs: [...graphDescription.inputs, ...graphDescription.inputs] },
    says: 'two inputs named "x"',
  },
  "an input that nothing needs": {
    given: {
      ...graphDescription,
      inputs: [...graphDescription.inputs, { name: "z", shape: [1], dtype: "float32" }],
    },
    says: 'input "z": none of its outputs needs it',
  },
  "a layer that takes its own result": {
    given: withPlaced({ ...placed, from: [{ layer: "d" }] }),
    says: 'Cannot make layer 1 (d) of layer "d": there is none before it',
  },
  "a circle of layers": {
    given: withPlaced(flatten("a", { layer: "b" }), flatten("b", { layer: "a" }), {
      ...placed,
      from: [{ layer: "b" }],
    }),
    says: 'Cannot make layer 1 (a) of layer "b": there is none before it',
  },
  "a layer that takes what is not there": {
    given: withPlaced({ ...placed, from: [{ layer: "x" }] }),
    says: 'of layer "x": there is none',
  },
  "a layer that takes an input that is not there": {
    given: withPlaced({ ...placed, from: [{ input: "__proto__" }] }),
    says: 'of input "__proto__": there is none',
  },
  "a layer of two inputs that takes one": {
    given: withPlaced({ ...placed, from: [{ input: "x" }, { input: "x" }] }),
    says: "Cannot place layer 1 (d) behind [2] and [2]: dense takes 1 input, and there are 2",
  },
  "a layer of a hundred thousand inputs": {
    given: withPlaced({ ...placed, from: new Array(100_000).fill({ input: "x" }) }),
    says: "[2] ...: dense takes 1 input, and there are 100000",
  },
  "a layer that takes nothing": {
    given: withPlaced({ ...placed, from: [] }),
    says: "there are 0",
  },
  "a layer that does not say what it takes": {
    given: withPlaced(layer),
    says: "where its inputs are from",
  },
  "a layer that takes a text": {
    given: withPlaced({ ...placed, from: ["x"] }),
    says: 'from "x", which',
  },
  "a layer that takes an input and a layer in one": {
    given: withPlaced({ ...placed, from: [{ input: "x", layer: "d" }] }),
    says: "is neither an input nor a layer",
  },
  "a layer that takes a number of a layer": {
    given: withPlaced({ ...placed, from: [{ layer: 0 }] }),
    says: "is neither an input nor a layer",
  },
  "a layer that is the same as none": {
    given: withPlaced(placed, { name: "e", sameAs: "f", from: [{ input: "x" }] }),
    says: 'Cannot make layer 2 (e) the same as "f": there is no such layer before it',
  },
  "a layer that is the same as itself": {
    given: withPlaced({ name: "d", sameAs: "d", from: [{ input: "x" }] }),
    says: 'Cannot make layer 1 (d) the same as "d"',
  },
  "a layer that is the same as another with options of its own": {
    given: withPlaced(placed, { ...placed, name: "e", sameAs: "d" }),
    says: 'layer 2 of its description holds "type"',
  },
  "a shared layer that would need other weights": {
    given: {
      ...withPlaced(placed, { name: "e", sameAs: "d", from: [{ layer: "d" }] }),
      outputs: [{ name: "y", from: { layer: "e" } }],
    },
    says:
      "it shares the weights of d, which are kernel [2, 3], bias [3], and would need kernel [3, 3], bias [3]",
  },
  "two layers of one name in a graph": {
    given: withPlaced(placed, placed),
    says: 'two layers named "d"',
  },
  "a layer that nothing needs": {
    given: withPlaced(placed, flatten("idle", { input: "x" })),
    says: 'layer "idle": none of its outputs needs it',
  },
  "no outputs": { given: { ...graphDescription, outputs: [] }, says: "without outputs" },
  "outputs that are no list": {
    given: { ...graphDescription, outputs: {} },
    says: "lacks outputs",
  },
  "an output that is not there": {
    given: { ...graphDescription, outputs: [{ name: "y", from: { layer: "e" } }] },
    says: 'Cannot make output "y" of layer "e"',
  },
  "two outputs of one name": {
    given: { ...graphDescription, outputs: [...graphDescription.outputs, ...graphDescription.outputs] },
    says: 'two outputs named "y"',
  },
  "a graph that has an input shape, too": {
    given: { ...graphDescription, inputShape: [2] },
    says: '"inputShape", which is none of version, name, inputs',
  },
  "class names for none of its outputs": {
    given: {
      ...graphDescription,
      outputs: [...graphDescription.outputs, { name: "x", from: { input: "x" } }],
      info: { classNames: ["a", "b", "c", "d"] },
    },
    says: "it has 4 class names for 3 and 2 outputs",
  },
};

for (const [what, { given, says }] of Object.entries(wrong)) {
  Deno.test(`a model file with ${what} is refused with its name and the reason`, () => {
    const { message } = assertThrows(() => decodeModel(file(given), "some.safetensors"), FormatError);
    assertStringIncludes(message, "Cannot read model some.safetensors: ");
    assertStringIncludes(message, says);
  });
}
