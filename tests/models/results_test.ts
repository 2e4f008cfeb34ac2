/** What layers give beside their result: the states behind sequences, in graphs, parts and files. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { NdArray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { FormatError } from "../../formats/format_error.ts";
import { graph } from "../../models/graph/graph.ts";
import { partOf } from "../../models/graph/part_of.ts";
import { input, merge } from "../../models/graph/symbolic_tensor.ts";
import type { Layer } from "../../models/layer.ts";
import * as layers from "../../models/layers/mod.ts";
import { type Model, sequential } from "../../models/model.ts";
import { describeModel } from "../../models/model_description.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { add, grad, mul, slice, sum, tensor, zeros } from "../../ops/mod.ts";
import { cpu, everyDevice } from "../devices.ts";
import { weighedSum } from "./apply_layer.ts";
import { fillWeights, someNumbers } from "./apply_model.ts";
import { makeFile } from "./make_model_file.ts";

const [batch, channels, units] = [2, 3, 4];

/** Runs some outputs that are traced on a model's inputs and weights. */
async function run(
  device: Device,
  inputs: Record<string, NdArray>,
  trace: (given: Record<string, Tensor>) => Record<string, Tensor>,
): Promise<Record<string, NdArray>> {
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: trace(given) }),
    {
      device,
      inputs,
    },
  );
  const results = await program.call(inputs);
  program.close();
  return results;
}

function assertSame(actual: NdArray, expected: NdArray, what: string): void {
  assertEquals([...actual.shape], [...expected.shape], what);
  const largest = Math.max(1, ...Array.from(expected.data, Math.abs));
  actual.data.forEach((value, i) =>
    assertAlmostEquals(value, expected.data[i], 1e-5 * largest, `${what} ${i}`)
  );
}

for (const { name: on, device } of everyDevice) {
  for (const make of [layers.rnn, layers.gru, layers.lstm, layers.minGru]) {
    for (const length of device.kind === "webgpu" ? [33] : [1, 2, 33]) {
      Deno.test(`the states behind ${length} places of ${make.name}, and their gradients, are those of its cell on ${on}`, async () => {
        const layer = make({ units, returnSequences: true });
        const { cell: { states, step } } = layer;
        const x = input([length, channels]);
        const y = x.to(layer);
        const model = graph({
          inputs: x,
          outputs: { y, ...Object.fromEntries(states.map((name) => [name, y.result(name)])) },
        });
        fillWeights(model);
        const weights = Object.fromEntries(model.weights);
        const results = await run(
          device,
          { x: someNumbers([batch, length, channels]), ...weights },
          (given) => {
            const { outputs } = model.apply(given.x, given);
            const own = Object.fromEntries(
              Object.keys(weights).map((name) => [name.slice(name.indexOf("/") + 1), given[name]]),
            );
            let state: Readonly<Record<string, Tensor>> = Object.fromEntries(
              states.map((name) => [name, zeros([batch, units])]),
            );
            for (let t = 0; t < length; t++) {
              const row = slice(given.x, [0, t, 0], [batch, 1, channels]);
              state = step(reshapeRow(row), state, own);
            }
            const all = (of: Readonly<Record<string, Tensor>>) =>
              states.map((name, i) => mul(weighedSum(of[name]), i + 1)).reduce(add);
            const kernel = Object.keys(weights).find((name) => name.endsWith("/kernel"))!;
            const gradients = (of: Readonly<Record<string, Tensor>>) =>
              grad(all(of), [given.x, given[kernel]]);
            const [[ofX, ofKernel], [wantedOfX, wantedOfKernel]] = [gradients(outputs), gradients(state)];
            return {
              ...Object.fromEntries(
                states.flatMap((name) => [[name, outputs[name]], [`wanted ${name}`, state[name]]]),
              ),
              ofX,
              ofKernel,
              "wanted ofX": wantedOfX,
              "wanted ofKernel": wantedOfKernel,
            };
          },
        );
        for (const name of [...states, "ofX", "ofKernel"]) {
          assertSame(results[name], results[`wanted ${name}`], name);
        }
      });
    }
  }
}

/** `[batch, 1, channels]` without its middle. */
const reshapeRow = (row: Tensor) => sum(row, 1);

/** Reads one sequence and writes another one from what is left in the states. */
function translator(): Model {
  const source = input([5, channels], { name: "source" });
  const target = input([3, channels], { name: "target" });
  const read = source.to(layers.lstm({ units, name: "reader" }));
  const writer = layers.lstm({ units, returnSequences: true, initialState: true, name: "writer" });
  const written = merge(writer, [target, read.result("h"), read.result("c")]);
  const model = graph({
    inputs: { source, target },
    outputs: { written: written.to(layers.dense({ units: 2 })), memory: written.result("c") },
  });
  fillWeights(model);
  return model;
}

const both = { source: someNumbers([batch, 5, channels], 7), target: someNumbers([batch, 3, channels], 8) };

/** What a model gives for both sequences. */
const applied = (model: Model) =>
  run(cpu.device, { ...both, ...Object.fromEntries(model.weights) }, (given) => ({
    ...model.apply({ source: given.source, target: given.target }, given).outputs,
  }));

Deno.test("states go from one layer into another within a graph, also one that comes from a file", async () => {
  const model = translator();
  assertEquals(model.outputs, { written: [3, 2], memory: [units] });
  assertEquals(model.graph.layers[1].from[2], { layer: "reader", result: "c" });
  assertEquals(model.summary().includes("reader/h, reader/c"), true);
  const again = decodeModel(encodeModel(model));
  assertEquals(again.graph.layers.map(({ from }) => from), model.graph.layers.map(({ from }) => from));
  const expected = await applied(model);
  for (const [name, value] of Object.entries(await applied(again))) assertEquals(value, expected[name]);
});

Deno.test("a reader and a writer are parts of the model, with the states between them", async () => {
  const model = translator();
  const reader = partOf(model, { outputs: { h: "reader/h", c: "reader/c" } });
  const writer = partOf(model, {
    inputs: { h: "reader/h", c: "reader/c" },
    outputs: { written: "dense_1", memory: "writer/c" },
  });
  assertEquals([Object.keys(reader.inputs), Object.keys(writer.inputs)], [["source"], ["h", "c", "target"]]);
  const results = await run(cpu.device, { ...both, ...Object.fromEntries(model.weights) }, (given) => {
    const { h, c } = reader.apply(given.source, given).outputs;
    return { ...writer.apply({ h, c, target: given.target }, given).outputs };
  });
  const expected = await applied(model);
  for (const name of ["written", "memory"]) assertSame(results[name], expected[name], name);
  // Token by token, from the states that were read.
  const pieces = await run(cpu.device, { ...both, ...Object.fromEntries(model.weights) }, (given) => {
    const { h, c } = reader.apply(given.source, given).outputs;
    let carry: Readonly<Record<string, Tensor>> = Object.fromEntries(
      Object.entries(writer.firstCarry(batch)).map(([name, value]) => [name, tensor(value)]),
    );
    return Object.fromEntries([0, 1, 2].map((t) => {
      const target = slice(given.target, [0, t, 0], [batch, 1, channels]);
      const result = writer.apply({ h, c, target }, given, { carry });
      carry = result.carry;
      return [`${t}`, result.outputs.written];
    }));
  });
  for (let t = 0; t < 3; t++) {
    for (const n of [0, 1]) {
      for (const i of [0, 1]) {
        const value = expected.written.data[(n * 3 + t) * 2 + i];
        assertAlmostEquals(pieces[t].data[n * 2 + i], value, 1e-5);
      }
    }
  }
});

Deno.test("both ways of a layer give their states, each behind its own last place", async () => {
  const x = input([4, channels]);
  const y = x.to(layers.gru({ units, direction: "both" }));
  const model = graph({ inputs: x, outputs: { y, h: y.result("h"), backwardH: y.result("backwardH") } });
  fillWeights(model);
  const given = { x: someNumbers([batch, 4, channels]), ...Object.fromEntries(model.weights) };
  const { y: joined, h, backwardH } = await run(
    cpu.device,
    given,
    (all) => ({ ...model.apply(all.x, all).outputs }),
  );
  for (let n = 0; n < batch; n++) {
    const row = [...joined.data.subarray(n * 2 * units, (n + 1) * 2 * units)];
    const of = ({ data }: NdArray) => [...data.subarray(n * units, (n + 1) * units)];
    assertEquals(row, [...of(h), ...of(backwardH)]);
  }
});

Deno.test("results that are not there are refused, when they are asked for and in files", () => {
  const x = input([4, channels], { name: "x" });
  assertThrows(() => x.result("h"), RangeError, 'input "x": it gives nothing beside');
  assertThrows(
    () => x.to(layers.dense({ units: 1 })).result("h"),
    RangeError,
    "of dense: it gives nothing beside",
  );
  assertThrows(() => x.to(layers.gru({ units })).result("c"), RangeError, "there are h");
  assertThrows(() => x.to(layers.gru({ units })).result("constructor"), RangeError, "there are h");
  assertThrows(() => partOf(translator(), { outputs: "reader/x" }), RangeError, "reader/x");
  const model = translator();
  const description = describeModel(model);
  for (
    const [result, reason] of [["x", "there are h, c"], ["__proto__", "there are h, c"], [
      3,
      "neither an input",
    ]]
  ) {
    const from = { layer: "reader", result };
    const outputs = description.outputs.map((output) => ({ ...output, from }));
    const file = makeFile({ ...description, outputs }, Object.fromEntries(model.weights));
    assertThrows(() => decodeModel(file), FormatError, String(reason));
  }
});

/** A layer of one's own that gives something beside its result. */
const giving = (given: Record<string, number[]>): Layer => ({
  type: "giving",
  config: {},
  outputShape: (shape) => [...shape],
  results: () => ({ total: [] }),
  weights: () => [],
  apply: (x, { give }) => {
    for (const [name, shape] of Object.entries(given)) give(name, zeros(shape));
    return x;
  },
});

Deno.test("a layer has to give all results that it says, and no others", () => {
  const apply = (given: Record<string, number[]>) =>
    sequential([giving(given)], { inputShape: [3] }).apply(zeros([2, 3]), {});
  assertEquals(apply({ total: [2] }).output.shape, [2, 3]);
  assertThrows(() => apply({}), RangeError, 'not given its result "total"');
  assertThrows(() => apply({ total: [3] }), RangeError, "float32 [batch]");
  assertThrows(() => apply({ total: [2], other: [2] }), RangeError, 'give result "other"');
});
