/** Sequences piece by piece: what is handed on makes each model give what it gives for the whole. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { graph } from "../../models/graph/graph.ts";
import { input, merge } from "../../models/graph/symbolic_tensor.ts";
import * as layers from "../../models/layers/mod.ts";
import type { Layer } from "../../models/layer.ts";
import { type Model, sequential } from "../../models/model.ts";
import { concat, slice, tensor } from "../../ops/mod.ts";
import { cpu, everyDevice } from "../devices.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";

const tensorsOf = (values: Record<string, NdArray>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(value)]));

/** Applies a model to a batch one piece after another, and, if it is as long as the model, as a whole. */
async function piecesOf(model: Model, x: NdArray, pieces: readonly number[], device: Device) {
  const inputs = { x, ...Object.fromEntries(model.weights) };
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const [batch, length, ...rest] = x.shape;
    let [carry, start] = [tensorsOf(model.firstCarry(batch)), 0];
    const results = pieces.map((length) => {
      const piece = slice(given.x, [0, start, ...rest.map(() => 0)], [batch, length, ...rest]);
      const result = model.apply(piece, given, { carry });
      [carry, start] = [result.carry, start + length];
      return result.output;
    });
    // A model that gives one result for a sequence gives it behind the last piece.
    const joined = model.outputShape.length > 1 ? concat(results, 1) : results.at(-1)!;
    const whole = length === model.inputShape[0] ? model.apply(given.x, given).output : joined;
    return { outputs: { whole, joined } };
  }, { device, inputs });
  const results = await program.call(inputs);
  program.close();
  return results;
}

function assertSame({ whole, joined }: Record<string, NdArray>): void {
  assertEquals([...joined.shape], [...whole.shape]);
  joined.data.forEach((value, i) => assertAlmostEquals(value, whole.data[i], 2e-5));
}

const wide = 8;
const sequences = { returnSequences: true } as const;
const shared = layers.gru({ units: wide, returnSequences: true });

/** Layers that go through sequences `[length, 8]`, by what they do. */
const stacks: Record<string, () => readonly (Layer | Model)[]> = {
  "rnn": () => [layers.rnn({ units: 5, ...sequences })],
  "rnn with the last state only": () => [layers.rnn({ units: 5 }), layers.dense({ units: 2 })],
  "gru": () => [layers.gru({ units: 5, ...sequences })],
  "gru with the reset gate before": () => [layers.gru({ units: 5, resetAfter: false, ...sequences })],
  "minGru": () => [layers.minGru({ units: 5, ...sequences }), layers.minGru({ units: 4 })],
  "lstm": () => [layers.lstm({ units: 5, ...sequences })],
  "dense, activation, dropout and norms": () => [
    layers.dense({ units: 6 }),
    layers.activation("softmax"),
    layers.dropout(0.5),
    layers.layerNormalization(),
    layers.rmsNormalization(),
    layers.batchNormalization(),
  ],
  "conv1d": () => [layers.conv1d({ filters: 3, kernelSize: 3, padding: "causal" })],
  "conv1d with gaps":
    () => [layers.conv1d({ filters: 4, kernelSize: 3, dilations: 4, groups: 2, padding: "causal" })],
  "conv1d of one place": () => [layers.conv1d({ filters: 3, kernelSize: 1, padding: "causal" })],
  "positionEmbedding": () => [layers.positionEmbedding({ embeddingsInitializer: "glorotUniform" })],
  "multiHeadAttention": () => [layers.multiHeadAttention({ heads: 2, causal: true })],
  "multiHeadAttention with rotary positions": () => [
    layers.multiHeadAttention({ heads: 4, keyHeads: 2, causal: true, rotary: true }),
  ],
  "multiHeadAttention with rotary pairs of neighbours": () => [
    layers.multiHeadAttention({
      heads: 2,
      headWidth: 6,
      units: 3,
      causal: true,
      rotary: { interleaved: true },
    }),
  ],
  "layers in layers, a shared one, a model in a model": () => [
    shared,
    sequential([layers.lstm({ units: wide, ...sequences }), shared], {
      inputShape: [33, wide],
      name: "inner",
    }),
    layers.multiHeadAttention({ heads: 2, causal: true, rotary: true }),
  ],
};

for (const { name: on, device } of everyDevice) {
  for (const [name, make] of Object.entries(stacks)) {
    Deno.test(`${name}: piece by piece is what the whole is on ${on}`, async () => {
      // WebGPU's kernels take long to compile, and one by one is tested below.
      for (const pieces of device.kind === "webgpu" ? [[2, 31]] : [[1], [1, 1], [2], [1, 2, 30]]) {
        const length = pieces.reduce((a, b) => a + b);
        if (length < 33 && name.includes("in a model")) continue;
        const model = sequential(make(), { inputShape: [length, wide] });
        fillWeights(model);
        const { variance } = Object.groupBy(model.weightSpecs, ({ spec }) => spec.name);
        variance?.forEach(({ name, spec }) =>
          model.setWeight(name, ndarray("float32", spec.shape, new Float32Array(spec.shape[0]).fill(0.5)))
        );
        assertSame(await piecesOf(model, someNumbers([3, length, wide]), pieces, device));
      }
    });
  }

  Deno.test(`tokens one by one, as a step on state, give what the whole text gives on ${on}`, async () => {
    const tokens = input([33], { dtype: "int32" });
    const embedded = tokens.to(layers.embedding({ tokens: 7, units: wide }), layers.positionEmbedding());
    const seen = embedded.to(layers.multiHeadAttention({ heads: 2, causal: true, rotary: true }));
    const sum = merge(layers.addLayers(), [embedded, seen]);
    const model = graph({
      inputs: tokens,
      outputs: sum.to(layers.gru({ units: wide, ...sequences }), layers.dense({ units: 7 })),
    });
    fillWeights(model);
    const x = ndarray("int32", [2, 33], Int32Array.from({ length: 66 }, (_, i) => (i * i) % 7));
    const { whole } = await piecesOf(model, x, [33], device);
    const state = new State(device, { ...Object.fromEntries(model.weights), ...model.firstCarry(2) });
    const step = await compileProgram((state: Record<string, Tensor>, { token }: Record<string, Tensor>) => {
      const { output, carry } = model.apply(token, state, { carry: state });
      return { state: carry, outputs: { output } };
    }, { device, state, inputs: { token: { dtype: "int32", shape: [2, 1] } } });
    for (let t = 0; t < 33; t++) {
      const token = ndarray("int32", [2, 1], [x.data[t], x.data[33 + t]]);
      const { output } = await step.call({ token });
      for (const n of [0, 1]) {
        for (let i = 0; i < 7; i++) {
          assertAlmostEquals(output.data[n * 7 + i], whole.data[(n * 33 + t) * 7 + i], 2e-5);
        }
      }
    }
    step.close();
    state.close();
  });
}

const on33 = (...stack: readonly (Layer | Model)[]) => sequential(stack, { inputShape: [33, wide] });

Deno.test("a model says what it hands on, by the names of its places", () => {
  const model = on33(
    shared,
    layers.dense({ units: wide }),
    shared,
    layers.multiHeadAttention({ heads: 2, causal: true, name: "look" }),
    layers.positionEmbedding(),
    layers.conv1d({ filters: 2, kernelSize: 3, dilations: 2, padding: "causal" }),
    layers.lstm({ units: 3 }),
  );
  assertEquals(model.carry, {
    "gru_1/h": { dtype: "float32", shape: [wide] },
    "gru_1#2/h": { dtype: "float32", shape: [wide] },
    "look/keys": { dtype: "float32", shape: [2, 33, 4] },
    "look/values": { dtype: "float32", shape: [2, 33, 4] },
    "look/position": { dtype: "int32", shape: [] },
    "positionEmbedding_1/position": { dtype: "int32", shape: [], places: 33 },
    "conv1d_1/inputs": { dtype: "float32", shape: [4, wide] },
    "lstm_1/h": { dtype: "float32", shape: [3] },
    "lstm_1/c": { dtype: "float32", shape: [3] },
  });
  const { shape, data } = model.firstCarry(5)["look/position"];
  assertEquals([shape, data], [[5], new Int32Array(5)]);
  assertEquals(on33(layers.dense({ units: 2 })).carry, {});
});

Deno.test("attention goes on behind the length it was made for: each token sees as many as that", async () => {
  const model = sequential([layers.multiHeadAttention({ heads: 2, causal: true, rotary: true })], {
    inputShape: [4, wide],
  });
  fillWeights(model);
  const x = someNumbers([2, 9, wide]);
  const inPieces = await Promise.all(
    [[9], [4, 5], [1, 1, 1, 1, 1, 1, 1, 1, 1]].map((pieces) => piecesOf(model, x, pieces, cpu.device)),
  );
  for (let last = 3; last < 9; last++) {
    // Only distances count, so that a token's last four are a sequence of their own.
    const own = [0, 1].flatMap((
      n,
    ) => [...x.data.slice((n * 9 + last - 3) * wide, (n * 9 + last + 1) * wide)]);
    const { output } = await applyModel(model, ndarray("float32", [2, 4, wide], own));
    for (const n of [0, 1]) {
      for (let i = 0; i < wide; i++) {
        const expected = output.data[(n * 4 + 3) * wide + i];
        for (const { joined } of inPieces) {
          assertAlmostEquals(joined.data[(n * 9 + last) * wide + i], expected, 2e-5);
        }
      }
    }
  }
});

Deno.test("tokens behind the last learned position are NaN, and those up to it are not", async () => {
  const model = sequential([layers.positionEmbedding()], { inputShape: [3, wide] });
  const { joined } = await piecesOf(model, someNumbers([1, 4, wide]), [2, 2], cpu.device);
  assertEquals([...joined.data].map(Number.isNaN), [...joined.data].map((_, i) => i >= 3 * wide));
});

Deno.test("an initial state is the one before the first piece, and lengths count in each piece", async () => {
  const sequence = input([5, wide]);
  const [first, lengths] = [input([3], { name: "first" }), input([], { name: "lengths", dtype: "int32" })];
  const cell = layers.gru({ units: 3, lengths: true, initialState: true });
  const model = graph({
    inputs: { sequence, lengths, first },
    outputs: merge(cell, [sequence, lengths, first]),
  });
  fillWeights(model);
  const inputs = {
    x: someNumbers([2, 5, wide]),
    first: someNumbers([2, 3], 3),
    ...Object.fromEntries(model.weights),
  };
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const apply = (
      start: number,
      length: number,
      counts: number[],
      carry?: Readonly<Record<string, Tensor>>,
    ) =>
      model.apply(
        {
          sequence: slice(given.x, [0, start, 0], [2, length, wide]),
          first: given.first,
          lengths: tensor(Int32Array.from(counts)),
        },
        given,
        { carry },
      );
    const begin = apply(0, 2, [2, 2], tensorsOf(model.firstCarry(2)));
    return {
      outputs: { whole: apply(0, 5, [4, 2]).output, joined: apply(2, 3, [2, 0], begin.carry).output },
    };
  }, { device: cpu.device, inputs });
  assertSame(await program.call(inputs));
  program.close();
});
