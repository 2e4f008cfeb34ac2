/** Sets that change at some steps only, gradients that are gathered, and what is counted where. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { adam, type Device, ndarray, parameters, sgd, type Tensor, train, trainStep } from "../../../mod.ts";
import { add, at, broadcastTo, cast, mean, mul, reshape, square, sub, sum } from "../../../ops/mod.ts";
import type { Optimizer, Parameters, RunContext } from "../../../training/mod.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { linearData, linearModel, weightsOf } from "../linear_regression.ts";

const { device } = cpu;

/** An optimizer that puts the number of its update in the place of the parameters, and adds up gradients beside. */
const counting: Optimizer = {
  description: "counting",
  learningRate: 1,
  weightDecay: 0,
  slots: ["total"],
  update: ({ step, weights, gradient, slots }) => ({
    weights: broadcastTo(reshape(step, [1]), weights.shape),
    slots: { total: add(slots.total, gradient) },
  }),
};

const number = (name: string, more = {}): Parameters =>
  parameters({ w: ndarray("float32", [1], [0]) }, { name, optimizer: counting, ...more });
const valueOf = ({ weights }: Parameters) => weights.get("w")!.data[0];

/** Seven steps of one set that changes always, one at each third, and one that gathers two gradients. */
async function sevenSteps(device: Device) {
  const [always, third, gathered] = [
    number("always"),
    number("third"),
    number("gathered", { accumulate: 2 }),
  ];
  let traces = 0;
  const step = trainStep(({ step }) => {
    traces++;
    const at = cast(step, "float32");
    const losses = [always, third, gathered].map((set) => mul(sum(set.values.w), add(at, 1)));
    const rare = add(losses[1], at);
    return {
      minimize: [[losses[0], always], [rare, third, { every: 3 }], [losses[2], gathered]],
      metrics: { at, rare },
    };
  });
  let context: RunContext | undefined;
  const [record] = await train(step, linearData(28), {
    batchSize: 4,
    device,
    callbacks: [{ onStart: (run) => void (context = run) }],
  });
  return { values: [always, third, gathered].map(valueOf), record, traces, explained: context!.explain() };
}

for (const { name, device } of everyDevice) {
  Deno.test(`sets change at the steps that they are to change at, on ${name}`, async () => {
    const { values, record, traces, explained } = await sevenSteps(device);
    // What the optimizers were told last: seven, two and three updates.
    assertEquals(values, [7, 2, 3]);
    assertEquals(traces, 1, "one trace gives all programs");
    assertEquals(record.at, 3, "the mean of 0 to 6");
    // The loss that is there at steps 2 and 5 only: their mean, as the number was 0 and then 1 (times 6).
    assertAlmostEquals(record.rare, (2 + (5 + 6)) / 2, 1e-6);
    assertEquals(explained.match(/^steps with always: update, third: \w+, gathered: \w+$/gm)!.length, 4);
  });
}

Deno.test("gradients of some batches are those of one batch of all of them", async () => {
  const data = linearData(24);
  const trained = async (batchSize: number, accumulate: number) => {
    const model = linearModel();
    const set = parameters(model, { optimizer: adam(0.1), accumulate, clipNorm: 0.5 });
    const step = trainStep(({ batch }) => {
      const loss = mean(square(sub(set.apply(batch.inputs), batch.targets)), 1);
      return { minimize: [[loss, set]], metrics: { loss } };
    });
    await train(step, data, { batchSize, epochs: 3, shuffle: false, device });
    return weightsOf(model);
  };
  const [parts, whole] = [await trained(4, 3), await trained(12, 1)];
  whole.forEach((weight, i) => assertAlmostEquals(parts[i], weight, 2e-6));
});

Deno.test("steps that gather are few gradients short of an update when the run ends", async () => {
  const set = parameters({ w: ndarray("float32", [1], [0]) }, { optimizer: sgd(1), accumulate: 4 });
  const step = trainStep(() => ({ minimize: [[sum(set.values.w), set]] }));
  await train(step, linearData(28), { batchSize: 4, device });
  assertEquals(valueOf(set), -1, "seven steps are one update");
});

for (const { name, device } of everyDevice) {
  Deno.test(`what a step assigns is there at the next one, on ${name}`, async () => {
    const pair = parameters({
      sum: ndarray("float32", [2], [0, 0]),
      same: ndarray("float32", [], [7]),
    }, { name: "pair" });
    const set = parameters(linearModel(), { optimizer: sgd(1e-9) });
    const step = trainStep(({ batch, step }) => {
      const { sum: before, same } = pair.values;
      const loss = mean(square(set.apply(batch.inputs)));
      const next = add(add(before, same), cast(step, "float32"));
      return { minimize: [[loss, set]], metrics: { first: at(before, 0) }, assign: [[pair, { sum: next }]] };
    });
    const history = await train(step, linearData(8), { batchSize: 4, epochs: 2, device });
    // 0, 7, 7 + 7 + 1 ...
    assertEquals(history.map(({ first }) => first), [(0 + 7) / 2, (15 + 24) / 2]);
    assertEquals([...pair.weights.get("sum")!.data], [34, 34]);
    assertEquals([...pair.weights.get("same")!.data], [7]);
  });
}

/** A run over ten examples in batches of four. */
async function tenExamples(perExample: boolean) {
  const data = linearData(10);
  const set = parameters(linearModel(), { optimizer: sgd(1e-9) });
  let traces = 0;
  const measure = (inputs: Tensor) => sum(square(set.apply(inputs)), 1);
  const step = trainStep(({ batch }) => {
    traces++;
    const each = measure(batch.inputs);
    const loss = perExample ? each : mean(each);
    return { minimize: [[loss, set]], metrics: { loss } };
  }, { evaluate: ({ batch }) => ({ loss: measure(batch.inputs) }) });
  let context: RunContext | undefined;
  const [record] = await train(step, data, {
    batchSize: 4,
    shuffle: false,
    device,
    validation: data,
    callbacks: [{ onStart: (run) => void (context = run) }],
  });
  const { stepsPerEpoch, examplesPerEpoch } = context!;
  return { record, traces, stepsPerEpoch, examplesPerEpoch };
}

Deno.test("a loss for each example counts the examples of a shorter last batch right", async () => {
  const { record, traces, ...counts } = await tenExamples(true);
  assertEquals(counts, { stepsPerEpoch: 3, examplesPerEpoch: 10 });
  assertEquals(traces, 1);
  assertAlmostEquals(record.loss, record.validationLoss, 1e-6);
});

Deno.test("a loss for the whole batch leaves a shorter last batch out, and says so", async () => {
  const { record, traces, ...counts } = await tenExamples(false);
  assertEquals(counts, { stepsPerEpoch: 2, examplesPerEpoch: 8 });
  assertEquals(traces, 2);
  assertEquals(Math.abs(record.loss - record.validationLoss) > 1e-3, true);
});
