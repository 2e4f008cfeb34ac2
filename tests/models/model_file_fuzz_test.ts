import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../../formats/format_error.ts";
import { decodeModel } from "../../models/model_file.ts";
import { makeFile as file, withConfig } from "./make_model_file.ts";

Deno.test("a model file cannot change what objects have", () => {
  const polluting = `{"version":1,"name":"m","inputShape":[2],"__proto__":{"polluted":1},"layers":[` +
    `{"type":"dense","name":"d","__proto__":{"polluted":1},"config":{"units":3,"__proto__":{"polluted":1}}}],` +
    `"info":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`;
  try {
    decodeModel(file(polluting));
  } catch (error) {
    assert(error instanceof FormatError, String(error));
  }
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("a model file that describes huge layers is refused", () => {
  const huge = [
    { units: 40_000, kernelInitializer: "glorotUniform" },
    { units: 500, kernelInitializer: "orthogonal" },
    { units: 2 ** 50 },
  ];
  for (const config of huge) {
    assertThrows(() => decodeModel(file({ ...withConfig(config), inputShape: [500] })), FormatError);
  }
});

Deno.test("no description makes decodeModel() throw anything but a FormatError", () => {
  // Small numbers only: how large ones are met is a matter of its own.
  const leaf = fc.oneof(
    fc.integer({ min: -3, max: 9 }),
    fc.constantFrom("", "relu", "same", "1", "__proto__"),
    fc.boolean(),
    fc.constant(null),
    fc.double({ min: -2, max: 2 }),
  );
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("normal", "a", "__proto__"), leaf, { maxKeys: 2 }),
  );
  const keys = [
    "units",
    "filters",
    "kernelSize",
    "strides",
    "padding",
    "dilations",
    "groups",
    "activation",
    "useBias",
    "kernelInitializer",
    "poolSize",
    "rate",
    "momentum",
    "epsilon",
    "tokens",
    "heads",
    "keyHeads",
    "headWidth",
    "rotary",
    "lengths",
    "context",
    "direction",
    "axes",
    "axis",
    "shape",
    "size",
    "block",
    "rate",
    "bands",
    "hop",
  ];
  const type = fc.constantFrom(
    "dense",
    "conv2d",
    "maxPool2d",
    "averagePool2d",
    "dropout",
    "batchNormalization",
    "activation",
    "flatten",
    "globalMaxPool2d",
    "addLayers",
    "concatLayers",
    "conv1d",
    "conv2dTranspose",
    "conv3d",
    "embedding",
    "groupNormalization",
    "gru",
    "layerNormalization",
    "logMel",
    "lstm",
    "maxPool1d",
    "minGru",
    "multiHeadAttention",
    "oneHot",
    "permute",
    "pixelShuffle",
    "reshapeTo",
    "rnn",
    "sequencePool",
    "upsample2d",
  );
  const anyLayer = fc.oneof(
    value,
    fc.record({
      type: fc.oneof(type, value),
      name: fc.oneof(fc.constant("d"), value),
      config: fc.oneof(value, fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 })),
    }),
  );
  const anything = fc.record({
    version: fc.constant(1),
    name: fc.oneof(fc.constant("m"), value),
    inputShape: fc.oneof(fc.constant([8, 8, 2]), fc.constant([4, 2]), fc.constant([2]), value),
    layers: fc.oneof(fc.array(anyLayer, { maxLength: 3 }), value),
    info: fc.oneof(fc.constant({}), value),
  });
  const anySource = fc.oneof(
    fc.record({ layer: fc.constantFrom("a", "b", "c", "__proto__") }),
    fc.record({ layer: fc.constantFrom("a", "b"), result: fc.constantFrom("h", "c", "__proto__") }),
    fc.record({ input: fc.constantFrom("x", "z") }),
    value,
  );
  const anyPlace = fc.oneof(
    fc.record({
      type,
      name: fc.constantFrom("a", "b", "c"),
      config: fc.oneof(fc.constant({}), fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 })),
      from: fc.array(anySource, { maxLength: 2 }),
    }),
    fc.record({
      name: fc.constantFrom("b", "c"),
      sameAs: fc.constantFrom("a", "b"),
      from: fc.array(anySource),
    }),
  );
  const graph = fc.record({
    version: fc.constant(2),
    name: fc.constant("m"),
    inputs: fc.array(
      fc.record({
        name: fc.constantFrom("x", "z"),
        shape: fc.oneof(fc.constant([8, 8, 2]), value),
        dtype: fc.constantFrom("float32", "int32", "uint8"),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    layers: fc.array(anyPlace, { maxLength: 4 }),
    outputs: fc.array(fc.record({ name: fc.constantFrom("y", "z"), from: anySource }), { maxLength: 2 }),
    info: fc.constant({}),
  });
  fc.assert(
    fc.property(fc.oneof(anything, graph), (given) => {
      try {
        const model = decodeModel(file(given, {}));
        // What is taken has to be of use.
        model.summary();
        const sizes = Object.values(model.outputs).flat();
        assert(sizes.every((n) => Number.isInteger(n) && n >= 1), `sizes ${sizes}`);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }),
    { numRuns: 5000, seed: 11 },
  );
});
