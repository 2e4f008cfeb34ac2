import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import { add, grad, reshape, sum } from "../../../ops/mod.ts";
import { batchAt, stepsPerEpoch } from "../../../training/feed/device_batches.ts";

const device = cpuDevice({ threads: 1 });

interface Served {
  /** Examples that count, in their order, one list a step. */
  readonly steps: number[][];
  /** What `average` makes of their numbers. */
  readonly averages: number[];
}

/** The examples of so many steps; each holds its own number, and its label holds it too. */
async function serve(examples: number, batchSize: number, steps: number, seed?: number): Promise<Served> {
  const own = Float32Array.from({ length: examples }, (_, i) => i);
  const state = new State<string>(device, {
    inputs: ndarray("float32", [examples, 1], own),
    targets: ndarray("int32", [examples], own),
    step: ndarray("int32", [], [0]),
    seed: ndarray("uint32", [], [seed ?? 0]),
  });
  const program = await compileProgram(({ inputs, targets, step, seed: shuffleSeed }) => {
    const fields = {
      own: { values: inputs, encoding: { kind: "numbers", scale: 1, offset: 0 } },
      labels: { values: targets, encoding: { kind: "classes" } },
    } as const;
    const source = { fields, examples, stored: examples, batchSize, step };
    const batch = batchAt(seed === undefined ? source : { ...source, shuffleSeed });
    const own = reshape(batch.fields.own, [batchSize]);
    // How much an example counts is what its number does to the total.
    const [counts] = grad(sum(batch.total(own)), [own]);
    return {
      state: { step: add(step, 1) },
      outputs: { own, labels: batch.fields.labels, counts, average: batch.average(own) },
    };
  }, { device, state });
  const served: Served = { steps: [], averages: [] };
  for (let step = 0; step < steps; step++) {
    const { own, labels, counts, average } = await program.call() as Record<string, NdArray>;
    assertEquals([...labels.data], [...own.data], "labels go with their inputs");
    assertEquals([...counts.data].filter((n) => n !== 0 && n !== 1), []);
    served.steps.push([...own.data].filter((_, i) => counts.data[i] === 1));
    served.averages.push(average.data[0]);
  }
  program.close();
  state.close();
  return served;
}

const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);
const all = (examples: number) => Array.from({ length: examples }, (_, i) => i);

const sizes = [[10, 4], [12, 4], [7, 7], [1, 1], [33, 32], [5, 2], [1000, 37], [64, 1]] as const;
for (const [examples, batchSize] of sizes) {
  Deno.test(`every epoch sees each of ${examples} examples once in shuffled batches of ${batchSize}`, async () => {
    const steps = stepsPerEpoch(examples, batchSize);
    assertEquals(steps, Math.ceil(examples / batchSize));
    const served = await serve(examples, batchSize, 2 * steps, 5);
    for (const epoch of [0, 1]) {
      const seen = served.steps.slice(epoch * steps, (epoch + 1) * steps);
      assertEquals(sorted(seen.flat()), all(examples));
      const last = examples % batchSize || batchSize;
      assertEquals(seen.map((s) => s.length), seen.map((_, i) => i === steps - 1 ? last : batchSize));
    }
    served.steps.forEach((step, i) => {
      const mean = step.reduce((a, b) => a + b, 0) / step.length;
      assertAlmostEquals(served.averages[i], mean, 1e-5 * Math.max(1, mean), `average of step ${i}`);
    });
  });
}

Deno.test("batches without a shuffle keep the order, in every epoch", async () => {
  const { steps } = await serve(10, 4, 6);
  const epoch = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]];
  assertEquals(steps, [...epoch, ...epoch]);
});

Deno.test("the shuffle differs from epoch to epoch and from seed to seed, and is the same again", async () => {
  const [first, second] = [await serve(50, 50, 3, 1), await serve(50, 50, 3, 2)];
  assertEquals((await serve(50, 50, 3, 1)).steps, first.steps);
  const orders = [...first.steps, ...second.steps].map(String);
  assertEquals(new Set(orders).size, 6);
  assertNotEquals(orders[0], String(all(50)));
  // The same order whatever the size of batches.
  assertEquals((await serve(50, 7, 8, 1)).steps.flat(), first.steps[0]);
});

Deno.test("the shuffle puts every example everywhere, as often as chance does", async () => {
  const [examples, epochs] = [12, 600];
  const { steps } = await serve(examples, examples, epochs, 77);
  const counts = Array.from({ length: examples }, () => new Array<number>(examples).fill(0));
  for (const order of steps) order.forEach((example, place) => counts[example][place]++);
  const expected = epochs / examples;
  const square = counts.flat().reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  const freedom = (examples - 1) ** 2;
  assertAlmostEquals(square, freedom, 5 * Math.sqrt(2 * freedom));
  // Neighbours of the original order are no more often neighbours than others.
  const pairs = steps.flatMap((order) => order.slice(1).map((e, i) => e - order[i])).filter((d) => d === 1);
  const chance = (examples - 1) * epochs / examples;
  assertAlmostEquals(pairs.length, chance, 5 * Math.sqrt(chance));
});

Deno.test("bytes are scaled and become float32, labels in bytes become int32", async () => {
  const state = new State<string>(device, {
    inputs: ndarray("uint8", [3, 2], [0, 51, 102, 153, 204, 255]),
    targets: ndarray("uint8", [3], [7, 8, 255]),
    step: ndarray("int32", [], [0]),
  });
  const program = await compileProgram(({ inputs, targets, step }) => {
    const fields = {
      x: { values: inputs, encoding: { kind: "numbers", scale: 1 / 255, offset: 0 } },
      labels: { values: targets, encoding: { kind: "classes" } },
    } as const;
    return { outputs: batchAt({ fields, examples: 3, stored: 3, batchSize: 3, step }).fields };
  }, { device, state });
  const { x, labels } = await program.call();
  assertEquals([x.dtype, labels.dtype], ["float32", "int32"]);
  [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((value, i) => assertAlmostEquals(x.data[i], value, 1e-6));
  assertEquals([...labels.data], [7, 8, 255]);
  program.close();
  state.close();
});
