import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { decodeModel } from "../../models/model_file.ts";
import { description, layer, makeFile as file, weights, withConfig, withLayer } from "./make_model_file.ts";

function reasonFor(bytes: Uint8Array): string {
  const { message } = assertThrows(() => decodeModel(bytes, "some.safetensors"), FormatError);
  assertStringIncludes(message, "Cannot read model some.safetensors: ");
  return message;
}

Deno.test("the file that the others are made from is a model", () => {
  assertEquals(decodeModel(file(description)).parameterCount, 9);
});

const wrong: Record<string, { bytes: () => Uint8Array; says: string }> = {
  "no description": { bytes: () => encodeSafetensors(weights), says: "no description of layers" },
  "a description that is no JSON": { bytes: () => file("{'a': 1}"), says: "not JSON" },
  "an empty description": { bytes: () => file(""), says: "not JSON" },
  "the description null": { bytes: () => file("null"), says: "description" },
  "a list as its description": { bytes: () => file([]), says: "description" },
  "a number as its description": { bytes: () => file("1"), says: "description" },
  "a newer version": {
    bytes: () => file({ ...description, version: 3 }),
    says: "version 3, this Gesso reads versions 1 and 2",
  },
  "no version": { bytes: () => file({ ...description, version: undefined }), says: "version undefined" },
  "no name": { bytes: () => file({ ...description, name: undefined }), says: "lacks name" },
  "no layers": { bytes: () => file({ ...description, layers: undefined }), says: "layers" },
  "layers that are no list": { bytes: () => file({ ...description, layers: { length: 1 } }), says: "layers" },
  "an input of half a number": { bytes: () => file({ ...description, inputShape: [1.5] }), says: "shape" },
  "an input of no numbers": { bytes: () => file({ ...description, inputShape: [0] }), says: "shape" },
  "an input shape that is text": { bytes: () => file({ ...description, inputShape: "22" }), says: "shape" },
  "a layer that is null": { bytes: () => file(withLayer(null)), says: "" },
  "a layer that is text": { bytes: () => file(withLayer("dense")), says: "" },
  "a layer of an unknown type": {
    bytes: () => file(withLayer({ ...layer, type: "lambda" })),
    says: '"lambda": there are',
  },
  "a layer of the type __proto__": {
    bytes: () => file(withLayer({ ...layer, type: "__proto__" })),
    says: '"__proto__"',
  },
  "a layer of the type constructor": {
    bytes: () => file(withLayer({ ...layer, type: "constructor" })),
    says: "constructor",
  },
  "a layer whose type is a list": { bytes: () => file(withLayer({ ...layer, type: ["dense"] })), says: "" },
  "a layer whose name is an object": {
    bytes: () => file(withLayer({ type: "flatten", name: {}, config: {} }), {}),
    says: "name",
  },
  "a layer without options": { bytes: () => file(withLayer({ type: "dense", name: "d" })), says: "" },
  "a layer with units as text": { bytes: () => file(withConfig({ units: "3" })), says: "units" },
  "a layer with an unknown activation": {
    bytes: () => file(withConfig({ units: 3, activation: "eval" })),
    says: '"eval"',
  },
  "a layer with an unknown initializer": {
    bytes: () => file(withConfig({ units: 3, kernelInitializer: "x" })),
    says: '"x"',
  },
  "two layers of one name": {
    bytes: () => file({ ...description, layers: [layer, layer] }),
    says: 'named "d"',
  },
  "layers that do not fit": {
    bytes: () => file(withLayer({ type: "maxPool2d", name: "p", config: {} })),
    says: "layer 1 (p) behind [2]",
  },
  "a missing weight": {
    bytes: () => file(description, { "d/bias": weights["d/bias"] }),
    says: "weight d/kernel is missing",
  },
  "a weight too many": {
    bytes: () => file(description, { ...weights, extra: weights["d/bias"] }),
    says: "it holds extra, which no layer has",
  },
  "a weight named __proto__": {
    bytes: () =>
      file(description, Object.fromEntries([...Object.entries(weights), ["__proto__", weights["d/bias"]]])),
    says: "it holds __proto__, which no layer has",
  },
  "a weight of another shape": {
    bytes: () =>
      file(description, { ...weights, "d/kernel": ndarray("float32", [3, 2], new Float32Array(6)) }),
    says: '"d/kernel": it is float32 [2, 3], received float32 [3, 2]',
  },
  "a weight of another dtype": {
    bytes: () => file(description, { ...weights, "d/bias": ndarray("int32", [3], [1, 2, 3]) }),
    says: "received int32 [3]",
  },
  "information that is null": { bytes: () => file({ ...description, info: null }), says: "info" },
  "a weight that is NaN": {
    bytes: () => file(description, { ...weights, "d/bias": ndarray("float32", [3], [0, NaN, 0]) }),
    says: "weight d/bias is NaN at element 1 of 3",
  },
  "an infinite weight": {
    bytes: () => file(description, { ...weights, "d/bias": ndarray("float32", [3], [0, 0, -Infinity]) }),
    says: "weight d/bias is -Infinity at element 2 of 3",
  },
  "a variance below zero": {
    bytes: () => {
      const statistics = ["scale", "offset", "mean", "variance"].map((name) => [
        `n/${name}`,
        ndarray("float32", [2], [1, name === "variance" ? -0.5 : 1]),
      ]);
      return file(
        withLayer({ type: "batchNormalization", name: "n", config: {} }),
        Object.fromEntries(statistics),
      );
    },
    says: "weight n/variance is -0.5 at element 1 of 2, and 0 is the least",
  },
  "a result of more elements than can be counted": {
    bytes: () =>
      file({
        ...withLayer({ type: "flatten", name: "f", config: {} }),
        inputShape: [2 ** 20, 2 ** 20, 3],
      }, {}),
    says: "3298534883328 elements, more than the 2146435072 that can be counted",
  },
  "an option that its layer does not have": {
    bytes: () => file(withConfig({ units: 3, activatoin: "relu" })),
    says: '"activatoin": there are activation, useBias',
  },
  "a part of the description that is not known": {
    bytes: () => file({ ...description, optimizer: "adam" }),
    says: '"optimizer", which is none of version, name',
  },
  "a part of a layer that is not known": {
    bytes: () => file(withLayer({ ...layer, code: "x" })),
    says: '"code", which is none of type, name, config',
  },
  "a part of the information that is not known": {
    bytes: () => file({ ...description, info: { classnames: ["a", "b", "c"] } }),
    says: 'info holds "classnames"',
  },
  "one class name for three outputs": {
    bytes: () => file({ ...description, info: { classNames: ["a"] } }),
    says: "it has 1 class names for 3 outputs",
  },
  "more class names than outputs": {
    bytes: () => file({ ...description, info: { classNames: ["a", "b", "c", "d"] } }),
    says: "it has 4 class names for 3 outputs",
  },
  "a vocabulary without entries": {
    bytes: () => file({ ...description, info: { vocabulary: { by: "codePoints" } } }),
    says: "vocabulary in its description is not a vocabulary",
  },
  "a vocabulary of more tokens than the model has outputs": {
    bytes: () => file({ ...description, info: { vocabulary: { by: "codePoints", entries: ["a", "b"] } } }),
    says: "it has a vocabulary of 2 tokens for 3 outputs",
  },
  "class names, and a vocabulary of other tokens than those that it reads": {
    bytes: () =>
      file({
        ...description,
        info: { classNames: ["a", "b", "c"], vocabulary: { by: "codePoints", entries: ["a", "b", "c"] } },
      }),
    says: "it has a vocabulary of 3 tokens for no tokens that it reads",
  },
  "details that are a text": {
    bytes: () => file({ ...description, info: { details: "no" } }),
    says: "details in its description is not an object",
  },
  "a scale of 0": { bytes: () => file({ ...description, info: { scale: 0 } }), says: "scale" },
  "a scale of 1e300": { bytes: () => file({ ...description, info: { scale: 1e300 } }), says: "it is 1e+300" },
  "a scale of 1e-300": { bytes: () => file({ ...description, info: { scale: 1e-300 } }), says: "scale" },
  "a seed below 0": {
    bytes: () => file({ ...description, info: { seed: -1 } }),
    says: "a whole number from 0",
  },
  "a seed with a fraction": { bytes: () => file({ ...description, info: { seed: 1.5 } }), says: "seed" },
  "a data set that is a number": {
    bytes: () => file({ ...description, info: { dataset: 7 } }),
    says: "dataset",
  },
  "metrics that are texts": {
    bytes: () => file({ ...description, info: { metrics: { testAccuracy: "0.9" } } }),
    says: "metrics",
  },
  "a scale that is text": { bytes: () => file({ ...description, info: { scale: "1" } }), says: "scale" },
  "class names that are numbers": {
    bytes: () => file({ ...description, info: { classNames: [1, 2, 3] } }),
    says: "classNames",
  },
};

for (const [what, { bytes, says }] of Object.entries(wrong)) {
  Deno.test(`a model file with ${what} is refused with its name and the reason`, () => {
    assertStringIncludes(reasonFor(bytes()), says);
  });
}
