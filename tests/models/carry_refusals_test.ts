/** What cannot go through sequences piece by piece, and pieces that do not fit. */
import { assertEquals, assertThrows } from "@std/assert";
import type { NdArray } from "../../engine/array.ts";
import * as layers from "../../models/layers/mod.ts";
import type { Layer } from "../../models/layer.ts";
import { type Model, sequential } from "../../models/model.ts";
import { tensor, zeros } from "../../ops/mod.ts";

const wide = 8;

const tensorsOf = (values: Record<string, NdArray>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(value)]));

const on33 = (...stack: readonly (Layer | Model)[]) => sequential(stack, { inputShape: [33, wide] });

Deno.test("layers that need whole sequences refuse pieces, and say why", () => {
  const refused: [Layer, string][] = [
    [layers.gru({ units: 2, direction: "backward" }), "gru_1"],
    [layers.lstm({ units: 2, direction: "both" }), "begins at the end of sequences"],
    [layers.multiHeadAttention({ heads: 2 }), "tokens see those that come later"],
    [layers.conv1d({ filters: 2, kernelSize: 3, padding: "same" }), "windows reach over the ends"],
    [
      layers.conv1d({ filters: 2, kernelSize: 3, strides: 2, padding: "causal" }),
      "windows reach over the ends",
    ],
    [layers.maxPool1d(), "windows reach over the ends"],
    [layers.globalAveragePool1d(), "one of all places"],
    [layers.flatten(), "one row of all places"],
    [layers.reshapeTo([-1]), "one shape"],
    [layers.permute([1, 0]), "not its first axis"],
    [layers.groupNormalization({ groups: 2 }), "means over all places"],
    [layers.layerNormalization({ axes: 2 }), "means over all places"],
  ];
  for (const [layer, reason] of refused) {
    for (const ask of [(model: Model) => model.carry, (model: Model) => model.firstCarry(1)]) {
      assertThrows(() => ask(on33(layer)), RangeError, reason);
    }
  }
});

Deno.test("pieces, and what is handed on, have to fit", () => {
  const model = on33(layers.gru({ units: 2, returnSequences: true }), layers.dense({ units: 1 }));
  const weights = tensorsOf(Object.fromEntries(model.weights));
  const carry = tensorsOf(model.firstCarry(2));
  assertEquals(model.apply(zeros([2, 5, wide]), weights, { carry }).output.shape, [2, 5, 1]);
  assertEquals(model.apply(zeros([2, 33, wide]), weights).carry, {});
  assertThrows(() => model.apply(zeros([2, 5, wide]), weights), RangeError, "[batch, 33, 8]");
  assertThrows(() => model.apply(zeros([2, 5, 7]), weights, { carry }), RangeError, "[2, 5, 7]");
  assertThrows(
    () => model.apply(zeros([3, 5, wide]), weights, { carry }),
    RangeError,
    "[3, 2], received float32 [2, 2]",
  );
  assertThrows(
    () => model.apply(zeros([2, 5, wide]), weights, { carry: {} }),
    RangeError,
    "received undefined",
  );
  assertThrows(() => model.firstCarry(0), RangeError, "batch");
});

/** A layer of one's own that hands something on. */
const counting = (handedOn: Record<string, number[]>): Layer => ({
  type: "counting",
  config: {},
  outputShape: (shape) => [...shape],
  weights: () => [],
  carry: () => ({ sum: { shape: [] } }),
  apply: (x, { handOn }) => {
    for (const [name, shape] of Object.entries(handedOn)) handOn(name, zeros(shape));
    return x;
  },
});

Deno.test("a layer has to hand on all that it says, and nothing else", () => {
  const apply = (handedOn: Record<string, number[]>) => {
    const model = on33(counting(handedOn));
    return model.apply(zeros([2, 1, wide]), {}, { carry: tensorsOf(model.firstCarry(2)) }).carry;
  };
  assertEquals(Object.keys(apply({ sum: [2] })), ["counting_1/sum"]);
  assertThrows(() => apply({}), RangeError, 'not handed on "sum"');
  assertThrows(() => apply({ sum: [3] }), RangeError, "float32 [3]: it is [2]");
  assertThrows(() => apply({ sum: [2], other: [2] }), RangeError, 'hand on "other"');
});
