/** Layers that make one of several, and those that move elements: against plain loops. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { graph } from "../../models/graph/graph.ts";
import { input, merge } from "../../models/graph/symbolic_tensor.ts";
import type { Layer } from "../../models/layer.ts";
import {
  addLayers,
  averageLayers,
  concatLayers,
  multiplyLayers,
} from "../../models/layers/merging/merging.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { permute } from "../../models/layers/reshaping/permute.ts";
import { reshapeTo } from "../../models/layers/reshaping/reshape_to.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { cpu } from "../devices.ts";
import { runLayer } from "./apply_layer.ts";

const a = ndarray("float32", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
const b = ndarray("float32", [2, 2], [10, 20, 30, 40]);
const given = (layer: Layer, ...inputs: Parameters<typeof runLayer>[2]) =>
  runLayer(layer, cpu.device, inputs, {});

Deno.test("addLayers, multiplyLayers and averageLayers stretch an input of fewer axes over each example", async () => {
  assertEquals([...(await given(addLayers(), a, b)).output.data], [11, 22, 13, 24, 35, 46, 37, 48]);
  assertEquals([...(await given(multiplyLayers(), b, a)).output.data], [10, 40, 30, 80, 150, 240, 210, 320]);
  assertEquals([...(await given(averageLayers(), a, a, a)).output.data], [1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("concatLayers joins channels, or another axis of each example", async () => {
  const wide = await given(concatLayers(), a, a);
  assertEquals([...wide.output.shape], [2, 2, 4]);
  assertEquals([...wide.output.data].slice(0, 8), [1, 2, 1, 2, 3, 4, 3, 4]);
  assertEquals([...(await given(concatLayers({ axis: 0 }), a, a)).output.data].slice(0, 8), [
    1,
    2,
    3,
    4,
    1,
    2,
    3,
    4,
  ]);
});

Deno.test("permute and reshapeTo move the elements of each example by itself", async () => {
  assertEquals([...(await given(permute([1, 0]), a)).output.data], [1, 3, 2, 4, 5, 7, 6, 8]);
  const { output } = await given(reshapeTo([-1]), a);
  assertEquals([[...output.shape], [...output.data]], [[2, 4], [1, 2, 3, 4, 5, 6, 7, 8]]);
});

const refused: Record<string, [make: () => unknown, says: string]> = {
  "sums of other shapes": [
    () => addLayers().outputShape([2, 3], [2, 4]),
    "Cannot use addLayers on [2, 3] and [2, 4]: sizes have to be equal",
  ],
  "joining along no axis": [
    () => concatLayers({ axis: 2 }).outputShape([2, 3], [2, 3]),
    "Cannot use concatLayers on [2, 3] and [2, 3] along axis 2: there is none",
  ],
  "another order of other axes": [
    () => permute([1, 1]).outputShape([2, 3]),
    "Cannot use permute [1, 1] on [2, 3]: it has to name each axis from 0 to 1 once",
  ],
  "another number of elements": [() => reshapeTo([4]).outputShape([2, 3]), "one has 6 elements, the other 4"],
  "sequences without channels": [
    () => rnn({ units: 2 }).outputShape([5]),
    "Cannot use rnn on [5]: it takes sequences [length, channels], without the batch axis",
  ],
  "lengths that are sequences": [
    () => rnn({ units: 2, lengths: true }).outputShape([5, 2], [5]),
    "Cannot use rnn with lengths on [5]: it takes one number for each sequence, []",
  ],
  "an initial state of another size": [
    () => rnn({ units: 2, initialState: true }).outputShape([5, 2], [3]),
    "Cannot use rnn with the initial state [3]: it has to be [2], the units",
  ],
  "heads that do not divide": [
    () => multiHeadAttention({ heads: 3 }).outputShape([5, 8]),
    "Cannot use multiHeadAttention on [5, 8]: 8 do not divide into 3 heads",
  ],
  "heads that cannot share keys": [
    () => multiHeadAttention({ heads: 4, keyHeads: 3 }),
    "with 4 heads and 3 keyHeads: heads do not divide evenly",
  ],
};
for (const [what, [make, says]] of Object.entries(refused)) {
  Deno.test(`layers refuse ${what}`, () => {
    assertStringIncludes(assertThrows(make, RangeError).message, says);
  });
}

Deno.test("a model with lengths and branches is saved and loaded", () => {
  const x = input([6, 3], { name: "x" });
  const lengths = input([], { name: "lengths", dtype: "int32" });
  const [one, other] = [4, 4].map((units) => merge(rnn({ units, lengths: true }), [x, lengths]));
  const model = graph({ inputs: { x, lengths }, outputs: merge(concatLayers(), [one, other]) });
  const again = decodeModel(encodeModel(model));
  assertEquals(again.outputShape, [8]);
  assertEquals(again.weights, model.weights);
});
