/** Choices one after the other: the formula, its gradients, and that probabilities are those of all choices together. */
import { assertAlmostEquals, assertThrows } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { nade } from "../../models/layers/core/nade.ts";
import { everyDevice } from "../devices.ts";
import { factorsFor, runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const [ROWS, CHANNELS, UNITS, CHOICES, CATEGORIES] = [2, 3, 4, 3, 2];
const layer = nade({ categories: CATEGORIES, units: UNITS });
const weights = Object.fromEntries(
  layer.weights([ROWS, CHANNELS], [ROWS, CHOICES]).map((
    { name, shape },
    i,
  ) => [name, someNumbers(shape, i + 3)]),
);
type Numbers = Record<string, ArrayLike<number>>;

/** Logits `[rows, choices, categories]`. */
function logitsOf(x: ArrayLike<number>, choices: ArrayLike<number>, w: Numbers): number[] {
  const wide = CHOICES * CATEGORIES;
  const rows = Array.from({ length: x.length / CHANNELS }, (_, row) => row);
  return rows.flatMap((row) => {
    const hidden = Array.from({ length: UNITS }, (_, u) => {
      let sum = w.bias[u];
      for (let c = 0; c < CHANNELS; c++) sum += x[row * CHANNELS + c] * w.kernel[c * UNITS + u];
      return sum;
    });
    return Array.from({ length: CHOICES }, (_, i) => {
      if (i > 0) {
        const chosen = (i - 1) * CATEGORIES + choices[row * CHOICES + i - 1];
        for (let u = 0; u < UNITS; u++) hidden[u] += w.chosen[chosen * UNITS + u];
      }
      return Array.from({ length: CATEGORIES }, (_, c) => {
        const column = i * CATEGORIES + c;
        return hidden.reduce(
          (sum, h, u) => sum + Math.max(h, 0) * w.outputKernel[u * wide + column],
          w.outputBias[column],
        );
      });
    }).flat();
  });
}

const plain = (arrays: Record<string, NdArray>): Numbers =>
  Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, Float64Array.from(data)]));

for (const { name, device } of everyDevice) {
  Deno.test(`nade is its formula, and its gradients are slopes, on ${name}`, async () => {
    const x = someNumbers([2, ROWS, CHANNELS]);
    const choices = ndarray("int32", [2, ROWS, CHOICES], [0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1]);
    const given = await runLayer(layer, device, [x, choices], weights);
    const numbers = plain({ x, ...weights });
    const expected = logitsOf(numbers.x, choices.data, numbers);
    given.output.data.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
    const factors = factorsFor(expected.length);
    const weighed = (n: Numbers) =>
      logitsOf(n.x, choices.data, n).reduce((sum, v, i) => sum + v * factors[i], 0);
    for (const [own, values] of Object.entries(numbers)) {
      const gradient = given[own === "x" ? "x0" : own].data;
      for (let i = 0; i < values.length; i += 3) {
        const at = (step: number) =>
          weighed({ ...numbers, [own]: Float64Array.from(values, (v, j) => j === i ? v + step : v) });
        assertAlmostEquals(gradient[i], (at(1e-6) - at(-1e-6)) / 2e-6, 1e-4);
      }
    }
  });
}

Deno.test("the probabilities of all that can be chosen add up to one", async () => {
  const all = Array.from({ length: CATEGORIES ** CHOICES }, (_, n) => [n >> 2 & 1, n >> 1 & 1, n & 1]);
  const one = someNumbers([1, CHANNELS]).data;
  const x = ndarray("float32", [1, all.length, CHANNELS], all.flatMap(() => [...one]));
  const [{ device }] = everyDevice;
  const { output } = await runLayer(layer, device, [
    x,
    ndarray("int32", [1, all.length, CHOICES], all.flat()),
  ], weights);
  const total = all.reduce((sum, choices, row) => {
    const chance = choices.reduce((product, choice, i) => {
      const own = [...output.data].slice(
        (row * CHOICES + i) * CATEGORIES,
        (row * CHOICES + i + 1) * CATEGORIES,
      );
      return product * Math.exp(own[choice]) / own.reduce((all, logit) => all + Math.exp(logit), 0);
    }, 1);
    return sum + chance;
  }, 0);
  assertAlmostEquals(total, 1, 1e-5);
});

Deno.test("nade is refused where choices do not lie beside what they depend on", () => {
  assertThrows(() => layer.outputShape([5, 3], [4, 2]), RangeError, "Cannot use nade on [5, 3] and [4, 2]");
  assertThrows(() => layer.outputShape([3], [4, 2]), RangeError, "[..., choices]");
});
