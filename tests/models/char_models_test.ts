/** Networks that go on with a text: what they compute, in plain loops, and what they may look at. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { minGru } from "../../models/layers/recurrent/min_gru.ts";
import type { Model } from "../../models/model.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { charCells, charRnn } from "../../models/char_rnn.ts";
import { charTransformer } from "../../models/char_transformer.ts";
import { concat, slice, tensor } from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { runLayer } from "./apply_layer.ts";
import { fillWeights, someNumbers } from "./apply_model.ts";

const tokensOf = (batch: number, length: number, tokens: number) =>
  ndarray(
    "int32",
    [batch, length],
    Int32Array.from({ length: batch * length }, (_, i) => (i * 7 + 3) % tokens),
  );

/** What a model gives for a text, as a whole or in pieces, each of which goes on where the one before ended. */
async function logitsOf(
  model: Model,
  device: Device,
  tokens: NdArray,
  pieces?: readonly number[],
): Promise<NdArray> {
  const inputs = { tokens, ...Object.fromEntries(model.weights) };
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    if (!pieces) return { outputs: { logits: model.apply(given.tokens, given).output } };
    const [batch] = tokens.shape;
    let carry = Object.fromEntries(
      Object.entries(model.firstCarry(batch)).map(([name, value]) => [name, tensor(value)]),
    );
    const results: Tensor[] = [];
    let start = 0;
    for (const length of pieces) {
      const result = model.apply(slice(given.tokens, [0, start], [batch, length]), given, { carry });
      results.push(result.output);
      carry = { ...result.carry };
      start += length;
    }
    return { outputs: { logits: concat(results, 1) } };
  }, { device, inputs });
  const { logits } = await program.call(inputs);
  program.close();
  return logits;
}

/** What a row of numbers gives, as a plain sum: `x W + b`. */
const product = (x: readonly number[], { data, shape: [, columns] }: NdArray, b: NdArray) =>
  Array.from(
    { length: columns },
    (_, j) => x.reduce((sum, v, i) => sum + v * data[i * columns + j], b.data[j]),
  );

for (const { name, device } of everyDevice) {
  for (const length of [1, 2, 33]) {
    Deno.test(`charRnn with rnn is y = Wout [h, x] + bout over ${length} tokens on ${name}`, async () => {
      const [tokens, units] = [5, 4];
      const model = charRnn({ tokens, length, cell: "rnn", units });
      fillWeights(model, 2);
      const [kernel, recurrent, bias, out, outBias] = [...model.weights.values()];
      const text = tokensOf(2, length, tokens);
      const logits = await logitsOf(model, device, text);
      for (let n = 0; n < 2; n++) {
        let h = [0, 0, 0, 0];
        for (let t = 0; t < length; t++) {
          const x = Array.from({ length: tokens }, (_, i) => i === text.data[n * length + t] ? 1 : 0);
          const fromState = product(h, recurrent, bias);
          h = product(x, kernel, bias).map((v, j) => Math.tanh(v + fromState[j] - bias.data[j]));
          product([...h, ...x], out, outBias).forEach((y, j) =>
            assertAlmostEquals(logits.data[(n * length + t) * tokens + j], y, 1e-5)
          );
        }
      }
    });

    Deno.test(`minGru is h = (1 - z) h + z n over ${length} places on ${name}`, async () => {
      const layer = minGru({ units: 3, returnSequences: true });
      const [kernel, bias] = [someNumbers([2, 6], 4), someNumbers([6], 5)];
      const x = someNumbers([2, length, 2], 6);
      const { output } = await runLayer(layer, device, [x], { kernel, bias });
      for (let n = 0; n < 2; n++) {
        let h = [0, 0, 0];
        for (let t = 0; t < length; t++) {
          const at = (n * length + t) * 2;
          const sums = product([x.data[at], x.data[at + 1]], kernel, bias);
          h = h.map((old, j) => {
            const z = 1 / (1 + Math.exp(-sums[j]));
            return (1 - z) * old + z * sums[3 + j];
          });
          h.forEach((v, j) => assertAlmostEquals(output.data[(n * length + t) * 3 + j], v, 1e-5));
        }
      }
    });
  }

  const models = {
    ...Object.fromEntries(
      charCells.map((cell) => [
        `charRnn with ${cell}`,
        charRnn({ tokens: 6, length: 5, cell, units: 4, layers: 2, dropout: 0.5, embedding: 3 }),
      ]),
    ),
    "charTransformer": charTransformer({ tokens: 6, length: 5, width: 8, depth: 2, heads: 2, dropout: 0.5 }),
    "charTransformer with learned positions": charTransformer({
      tokens: 6,
      length: 5,
      width: 8,
      depth: 1,
      heads: 2,
      positions: "learned",
    }),
  };
  for (const [what, model] of Object.entries(models)) {
    Deno.test(`${what} sees tokens before and none behind, also in pieces, and comes back from a file on ${name}`, async () => {
      fillWeights(model, 7);
      const text = tokensOf(2, 5, 6);
      const whole = await logitsOf(model, device, text);
      assertEquals([...whole.shape], [2, 5, 6]);
      // A token in the middle becomes another one: what is said before it stays, from there on all is changed.
      const other = ndarray("int32", [2, 5], Int32Array.from(text.data, (v, i) => i === 2 ? (v + 1) % 6 : v));
      const changed = await logitsOf(model, device, other);
      const differs = Array.from(whole.data, (v, i) => Math.abs(v - changed.data[i]) > 1e-6);
      const places = Array.from({ length: 10 }, (_, t) => differs.slice(6 * t, 6 * t + 6).some((d) => d));
      assertEquals(places, [false, false, true, true, true, false, false, false, false, false]);
      const pieces = await logitsOf(model, device, text, [1, 4]);
      pieces.data.forEach((v, i) => assertAlmostEquals(v, whole.data[i], 2e-5));
      const again = await logitsOf(decodeModel(encodeModel(model)), device, text);
      assertEquals(again.data, whole.data);
    });
  }
}

Deno.test("the first weights of models of text are those of their seed", () => {
  const firstOf = (seed: number) =>
    [...charTransformer({ tokens: 5, length: 4, seed }).weights.values()][0].data;
  assertEquals(firstOf(1), firstOf(1));
  assert(firstOf(1).some((v, i) => v !== firstOf(2)[i]));
});
