/** Recurrent layers beyond what other libraries check: their formula, cells by themselves, how they begin, half precision. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { embedding } from "../../models/layers/embedding/embedding.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { minGru } from "../../models/layers/recurrent/min_gru.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { sequential } from "../../models/model.ts";
import { gather, grad, scan, sum, zeros } from "../../ops/mod.ts";
import { cpu, everyDevice } from "../devices.ts";
import { runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const numbersFor = (layer: ReturnType<typeof rnn>, input: readonly number[]) =>
  Object.fromEntries(layer.weights(input).map(({ name, shape }, i) => [name, someNumbers(shape, i + 5)]));

Deno.test("rnn is h = tanh(W [h, x] + b), with W the weight of the state above that of the input", async () => {
  const [layer, x] = [rnn({ units: 3, returnSequences: true }), someNumbers([2, 4, 2])];
  const weights = numbersFor(layer, [4, 2]);
  const { output } = await runLayer(layer, cpu.device, [x], weights);
  const w = [...weights.recurrentKernel.data, ...weights.kernel.data];
  for (let n = 0; n < 2; n++) {
    let h = [0, 0, 0];
    for (let t = 0; t < 4; t++) {
      const all = [...h, ...x.data.slice((n * 4 + t) * 2, (n * 4 + t) * 2 + 2)];
      h = [0, 1, 2].map((j) =>
        Math.tanh(all.reduce((sum, v, i) => sum + v * w[i * 3 + j], weights.bias.data[j]))
      );
      h.forEach((value, j) => assertAlmostEquals(output.data[(n * 4 + t) * 3 + j], value, 1e-6));
    }
  }
});

for (const make of [rnn, gru, lstm, minGru]) {
  Deno.test(`the cell of ${make.name}, step by step, gives what the layer gives`, async () => {
    const [layer, x] = [make({ units: 3 }), someNumbers([2, 4, 2])];
    const weights = numbersFor(layer, [4, 2]);
    const { output } = await runLayer(layer, cpu.device, [x], weights);
    const inputs = { x, ...weights };
    const program = await compileProgram((_state, given: Record<string, Tensor>) => {
      const { carry } = scan(
        (state: Record<string, Tensor>, _xs, place) => ({
          carry: layer.cell.step(sliceOf(given.x, place), state, given),
        }),
        { carry: Object.fromEntries(layer.cell.states.map((name) => [name, zeros([2, 3])])), length: 4 },
      );
      return { outputs: { h: carry.h } };
    }, { device: cpu.device, inputs });
    const { h } = await program.call(inputs);
    program.close();
    h.data.forEach((value, i) => assertAlmostEquals(value, output.data[i], 1e-6));
  });
}

/** What is at a place, `[batch, channels]`. */
const sliceOf = (x: Tensor, place: Tensor) => gather(x, place, 1);

Deno.test("recurrent layers begin with a turn of the state by each gate, and a forget gate that is open", () => {
  const model = sequential([lstm({ units: 4 })], { inputShape: [3, 2] });
  assertEquals([...model.weights.get("lstm_1/bias")!.data], [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const { data } = model.weights.get("lstm_1/recurrentKernel")!;
  for (let gate = 0; gate < 4; gate++) {
    for (const [a, b] of [[0, 0], [0, 1], [2, 3], [3, 3]]) {
      const dot = [0, 1, 2, 3].reduce(
        (s, i) => s + data[a * 16 + gate * 4 + i] * data[b * 16 + gate * 4 + i],
        0,
      );
      assertAlmostEquals(dot, a === b ? 1 : 0, 1e-6);
    }
  }
});

for (const { name, device } of everyDevice) {
  Deno.test(`layers of sequences give finite gradients in half precision on ${name}`, async () => {
    const model = sequential([
      embedding({ tokens: 5, units: 4 }),
      gru({ units: 4, returnSequences: true }),
      multiHeadAttention({ heads: 2, causal: true }),
      lstm({ units: 3 }),
      dense({ units: 2 }),
    ], { inputShape: [6] });
    const weights = Object.fromEntries(model.weights);
    const tokens = {
      dtype: "int32" as const,
      shape: [2, 6],
      data: Int32Array.from({ length: 12 }, (_, i) => i % 5),
    };
    const inputs = { tokens, ...weights };
    const values = await Promise.all((["float32", "mixed"] as const).map(async (precision) => {
      const program = await compileProgram((_state, given: Record<string, Tensor>) => {
        const { output } = model.apply(given.tokens, given, { training: true, precision });
        const [gradient] = grad(sum(output), [given["embedding_1/embeddings"]]);
        return { outputs: { output, gradient } };
      }, { device, inputs });
      const result = await program.call(inputs);
      program.close();
      return result;
    }));
    for (const part of ["output", "gradient"] as const) {
      const [exact, half] = values.map((value) => value[part].data);
      assert(exact.some((value) => value !== 0));
      half.forEach((value, i) => assertAlmostEquals(value, exact[i], 5e-3));
    }
  });
}
