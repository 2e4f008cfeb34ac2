/** What followed places that were alike: the formula, its gradients, and the same piece by piece. */
import { assertAlmostEquals, assertThrows } from "@std/assert";
import { program } from "../../devices/program.ts";
import { ndarray } from "../../engine/array.ts";
import { chordRnn } from "../../models/chord_rnn.ts";
import { recall } from "../../models/layers/attention/recall.ts";
import { concat, slice, tensor } from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { factorsFor, runLayer } from "./apply_layer.ts";
import { fillWeights, someNumbers } from "./apply_model.ts";

const [LENGTH, CHANNELS, FEATURES] = [5, 2, 3];
const layer = recall();
type Numbers = Record<string, ArrayLike<number>>;

/** For one sequence. */
function recalled({ x0: x, x1: c, scale, threshold, gain, offset }: Numbers): number[] {
  const row = (of: ArrayLike<number>, size: number, t: number) =>
    Array.from({ length: size }, (_, i) => of[t * size + i]);
  const unit = Array.from({ length: LENGTH }, (_, t) => {
    const own = row(c, FEATURES, t);
    const size = Math.sqrt(own.reduce((sum, v) => sum + v * v, 0) + 1e-6);
    return own.map((v) => v / size);
  });
  return Array.from({ length: LENGTH }, (_, t) => {
    const weights = Array.from({ length: t }, (_, u) => {
      const cosine = unit[t].reduce((sum, v, i) => sum + v * unit[u][i], 0);
      return Math.exp(scale[0] * (cosine - threshold[0]));
    });
    const total = weights.reduce((sum, w) => sum + w, 1);
    return Array.from(
      { length: CHANNELS },
      (_, i) =>
        weights.reduce((sum, w, u) => sum + w / total * (gain[0] * x[(u + 1) * CHANNELS + i] - offset[0]), 0),
    );
  }).flat();
}

for (const { name, device } of everyDevice) {
  Deno.test(`recall is its formula, and its gradients are slopes, on ${name}`, async () => {
    const [x, c] = [someNumbers([1, LENGTH, CHANNELS]), someNumbers([1, LENGTH, FEATURES], 7)];
    const one = (value: number) => ndarray("float32", [1], [value]);
    const weights = { scale: one(3), threshold: one(0.2), gain: one(1.5), offset: one(0.5) };
    const given = await runLayer(layer, device, [x, c], weights);
    const numbers: Numbers = Object.fromEntries(
      Object.entries({ x0: x, x1: c, ...weights }).map(([own, { data }]) => [own, Float64Array.from(data)]),
    );
    const expected = recalled(numbers);
    given.output.data.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
    const factors = factorsFor(expected.length);
    const weighed = (n: Numbers) => recalled(n).reduce((sum, v, i) => sum + v * factors[i], 0);
    for (const [own, values] of Object.entries(numbers)) {
      for (let i = 0; i < values.length; i++) {
        const at = (step: number) =>
          weighed({ ...numbers, [own]: Float64Array.from(values, (v, j) => j === i ? v + step : v) });
        assertAlmostEquals(given[own].data[i], (at(1e-6) - at(-1e-6)) / 2e-6, 1e-4);
      }
    }
  });
}

Deno.test("a model that recalls gives piece by piece what it gives for the whole", async () => {
  const model = chordRnn({ length: 9, units: 4, convolutions: 1, recall: true });
  fillWeights(model);
  const before = someNumbers([2, 9, 88]);
  const inputs = { before, ...Object.fromEntries(model.weights) };
  const [{ device }] = everyDevice;
  const both = await program((_state, given) => {
    let [carry, start] = [
      Object.fromEntries(
        Object.entries(model.firstCarry(2)).map((
          [name, { data, shape }],
        ) => [name, tensor(data as Float32Array, shape)]),
      ),
      0,
    ];
    const parts = [1, 4, 1, 3].map((length) => {
      const result = model.apply({ before: slice(given.before, [0, start, 0], [2, length, 88]) }, given, {
        carry,
      });
      [carry, start] = [result.carry as typeof carry, start + length];
      return result.output;
    });
    return {
      outputs: { whole: model.apply({ before: given.before }, given).output, joined: concat(parts, 1) },
    };
  }, { device, inputs });
  const { whole, joined } = await both.call(inputs);
  both.close();
  joined.data.forEach((value, i) => assertAlmostEquals(value, whole.data[i], 1e-4));
});

Deno.test("recall is refused where features are not of the same places", () => {
  assertThrows(() => layer.outputShape([5, 2], [4, 3]), RangeError, "Cannot use recall on [5, 2] and [4, 3]");
});
