/** Dropout within layers of sequences: of weights of attention, of what goes into a recurrent layer, and of its state. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Layer } from "../../models/layer.ts";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import { lstm } from "../../models/layers/recurrent/lstm.ts";
import { minGru, type MinGruOptions } from "../../models/layers/recurrent/min_gru.ts";
import { rnn } from "../../models/layers/recurrent/rnn.ts";
import { sequential } from "../../models/model.ts";
import { ones, RandomSource, scaledDotProductAttention, tensor, zeros } from "../../ops/mod.ts";
import { cpu } from "../devices.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";

const identity = (n: number): NdArray =>
  ndarray("float32", [n, n], Float32Array.from({ length: n * n }, (_, i) => +(i % (n + 1) === 0)));

/** What a layer gives for numbers, with weights that change nothing: kernels are identities, biases zeros. */
async function plainly(layer: Layer, x: NdArray, training: boolean): Promise<NdArray> {
  const model = sequential([layer], { inputShape: x.shape.slice(1) });
  for (const [name, { shape }] of model.weights) {
    if (shape.length === 2) model.setWeight(name, identity(shape[0]));
  }
  return (await applyModel(model, x, { training, seed: 3 })).output;
}

const [batch, length, units, rate] = [5, 6, 40, 0.25];
const at = ({ data }: NdArray, n: number, t: number, i: number) => data[(n * length + t) * units + i];

Deno.test("dropout of a recurrent layer drops the same channels at all places of a sequence, and others of the next", async () => {
  const layer = (options: object) => rnn({ units, activation: "linear", returnSequences: true, ...options });
  const x = ndarray("float32", [batch, length, units], new Float32Array(batch * length * units).fill(1));
  const output = await plainly(layer({ dropout: rate }), x, true);
  const kept = new Set<string>();
  let count = 0;
  for (let n = 0; n < batch; n++) {
    const mask = Array.from({ length: units }, (_, i) => at(output, n, 0, i) > 0);
    count += mask.filter(Boolean).length;
    kept.add(String(mask));
    for (let i = 0; i < units; i++) {
      // Each place adds one, scaled, or nothing.
      for (let t = 0; t < length; t++) {
        assertAlmostEquals(at(output, n, t, i), mask[i] ? (t + 1) / (1 - rate) : 0, 1e-4);
      }
    }
  }
  assertEquals(kept.size, batch);
  const all = batch * units;
  assertAlmostEquals(count / all, 1 - rate, 5 * Math.sqrt(rate * (1 - rate) / all));
  assertEquals(
    (await plainly(layer({ dropout: rate }), x, false)).data,
    (await plainly(layer({}), x, true)).data,
  );
});

Deno.test("recurrentDropout drops the same parts of the state at all places of a sequence", async () => {
  const layer = rnn({ units, activation: "linear", returnSequences: true, recurrentDropout: rate });
  const x = ndarray("float32", [batch, length, units], new Float32Array(batch * length * units));
  for (let n = 0; n < batch; n++) for (let i = 0; i < units; i++) x.data[n * length * units + i] = 1;
  const output = await plainly(layer, x, true);
  let count = 0;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < units; i++) {
      const isKept = at(output, n, 1, i) > 0;
      count += +isKept;
      for (let t = 0; t < length; t++) {
        const expected = t === 0 ? 1 : isKept ? (1 - rate) ** -t : 0;
        assertAlmostEquals(at(output, n, t, i), expected, 1e-4);
      }
    }
  }
  const all = batch * units;
  assertAlmostEquals(count / all, 1 - rate, 5 * Math.sqrt(rate * (1 - rate) / all));
  assert((await plainly(layer, x, false)).data.every((value) => value === 0 || value === 1));
});

for (const make of [gru, lstm]) {
  Deno.test(`recurrentDropout of ${make.name} leaves alone what goes past its products`, async () => {
    const { cell } = make({ units: 3 });
    const weights = Object.fromEntries(
      make({ units: 3 }).weights([1, 2]).map(({ name, shape }) => [
        name,
        // Biases that keep everything: an update, or forget, gate that is open, and an input gate that is shut.
        name === "bias"
          ? tensor(Float32Array.from({ length: shape[0] }, (_, i) => i < 3 && make === lstm ? -40 : 40))
          : zeros(shape),
      ]),
    );
    const state = Object.fromEntries(cell.states.map((name) => [name, tensor(someNumbers([2, 3]))]));
    const program = await compileProgram(() => ({
      outputs: { ...cell.step(ones([2, 2]), state, weights, zeros([2, 3])) },
    }), { device: cpu.device });
    const after = await program.call() as Record<string, NdArray>;
    program.close();
    const memory = make === gru ? "h" : "c";
    someNumbers([2, 3]).data.forEach((value, i) => assertAlmostEquals(after[memory].data[i], value, 1e-6));
  });
}

Deno.test("both ways of a recurrent layer drop on their own, and without training nothing is dropped", async () => {
  for (
    const layer of [
      gru({ units: 3, direction: "both", dropout: 0.5, recurrentDropout: 0.5 }),
      multiHeadAttention({ heads: 2, dropout: 0.5 }),
      minGru({ units: 3, dropout: 0.5 }),
    ]
  ) {
    const model = sequential([layer], { inputShape: [4, 6] });
    fillWeights(model);
    const x = someNumbers([2, 4, 6]);
    const [trained, again, used] = await Promise.all(
      [true, true, false].map((training) => applyModel(model, x, { training, seed: 1 })),
    );
    assertEquals(trained.output.data, again.output.data);
    assert(trained.output.data.some((value, i) => value !== used.output.data[i]));
  }
});

Deno.test("dropout of attention drops weights that keys have, and scales the others", async () => {
  const [heads, tokens] = [3, 20];
  const [q, k] = [someNumbers([2, heads, tokens, 4], 1), someNumbers([2, heads, tokens, 4], 2)].map((x) =>
    tensor(x)
  );
  const values = tensor(
    Float32Array.from({ length: 2 * heads * tokens ** 2 }, (_, i) => +(i % tokens ** 2 % (tokens + 1) === 0)),
    [2, heads, tokens, tokens],
  );
  const program = await compileProgram(() => {
    const dropped = { dropout: rate, random: new RandomSource({ seed: 5 }) };
    return {
      outputs: {
        whole: scaledDotProductAttention(q, k, values, { causal: true }),
        some: scaledDotProductAttention(q, k, values, { causal: true, ...dropped }),
      },
    };
  }, { device: cpu.device });
  const { whole, some } = await program.call();
  program.close();
  let [kept, all] = [0, 0];
  some.data.forEach((value, i) => {
    if (whole.data[i] === 0) return assertEquals(value, 0);
    all++;
    if (value === 0) return;
    kept++;
    assertAlmostEquals(value, whole.data[i] / (1 - rate), 1e-5);
  });
  assertAlmostEquals(kept / all, 1 - rate, 5 * Math.sqrt(rate * (1 - rate) / all));
  assertThrows(() => scaledDotProductAttention(q, k, values, { dropout: 0.5 }), TypeError, "RandomSource");
});

Deno.test("rates are from 0 up to but without 1, and minGru has no product of its state", () => {
  for (const wrong of [1, -0.1, NaN]) {
    assertThrows(() => gru({ units: 2, dropout: wrong }), RangeError, "dropout");
    assertThrows(() => lstm({ units: 2, recurrentDropout: wrong }), RangeError, "recurrentDropout");
    assertThrows(() => multiHeadAttention({ heads: 2, dropout: wrong }), RangeError, "dropout");
  }
  assertThrows(
    () => minGru({ units: 2, recurrentDropout: 0.5 } as MinGruOptions),
    TypeError,
    "recurrentDropout",
  );
});
