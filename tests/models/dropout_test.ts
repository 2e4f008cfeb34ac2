import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { dropout } from "../../models/layers/core/dropout.ts";
import { sequential } from "../../models/model.ts";
import { applyModel, someNumbers } from "./apply_model.ts";

const size = 4000;
const model = (rate: number) => sequential([dropout(rate)], { inputShape: [size] });
const x = someNumbers([5, size], 3);

for (const rate of [0.1, 0.5, 0.9]) {
  Deno.test(`dropout(${rate}) in training keeps each element with its probability and scales it up`, async () => {
    const { output } = await applyModel(model(rate), x, { training: true, seed: 7 });
    let kept = 0;
    output.data.forEach((y, i) => {
      if (y === 0) return;
      kept++;
      assertAlmostEquals(y, x.data[i] / (1 - rate), 1e-5 * Math.abs(y));
    });
    const all = x.data.length;
    assertAlmostEquals(kept / all, 1 - rate, 5 * Math.sqrt(rate * (1 - rate) / all));
  });
}

Deno.test("dropout changes nothing in inference, and nothing at rate 0", async () => {
  assertEquals((await applyModel(model(0.5), x)).output.data, x.data);
  assertEquals((await applyModel(model(0), x, { training: true })).output.data, x.data);
});

Deno.test("dropout drops others at every step and for every seed, and the same ones again", async () => {
  const drawn = async (seed: number, step: number) =>
    (await applyModel(model(0.5), x, { training: true, seed, step })).output.data;
  const first = await drawn(1, 0);
  assertEquals(await drawn(1, 0), first);
  assertNotEquals(await drawn(1, 1), first);
  assertNotEquals(await drawn(2, 0), first);
  // Two steps agree on half of the elements, no more and no less.
  const second = await drawn(1, 1);
  const alike = first.filter((y, i) => (y === 0) === (second[i] === 0)).length / first.length;
  assertAlmostEquals(alike, 0.5, 5 * 0.5 / Math.sqrt(first.length));
});

Deno.test("two dropout layers of a model drop different elements", async () => {
  const twice = sequential([dropout(0.5), dropout(0.5)], { inputShape: [size] });
  const { output } = await applyModel(twice, x, { training: true, seed: 3 });
  const kept = output.data.filter((y) => y !== 0).length / x.data.length;
  assertAlmostEquals(kept, 0.25, 5 * Math.sqrt(0.25 * 0.75 / x.data.length));
});

Deno.test("gradients flow through what dropout keeps, scaled up, and nowhere else", async () => {
  const factors = new Array<number>(x.data.length).fill(1);
  const { output, gradients } = await applyModel(model(0.75), x, { training: true, seed: 5, factors });
  const wrong = output.data.findIndex((y, i) => gradients.x.data[i] !== (y === 0 ? 0 : 4));
  assertEquals(wrong, -1);
  assert(gradients.x.data.includes(0) && gradients.x.data.includes(4));
});
