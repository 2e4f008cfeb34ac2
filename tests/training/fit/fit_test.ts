import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { Dataset } from "../../../data/dataset.ts";
import { mul } from "../../../ops/mod.ts";
import type { Progress } from "../../../training/callbacks/callback.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit } from "../../../training/fit/fit.ts";
import { adam, sgd } from "../../../training/optimizers/optimizers.ts";
import { everyDevice } from "../../devices.ts";
import { examplesAt, linearData, linearModel, lossAndGradient, weightsOf } from "../linear_regression.ts";
import { bitsOf, otherPictures, pictures, SMALL_STEPS, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

Deno.test("fit() makes the loss fall, on the training data and beside it", async () => {
  const history = await fit(linearModel(), linearData(64), {
    validation: linearData(64).slice(48),
    epochs: 15,
    batchSize: 8,
    optimizer: adam(0.05),
    device,
  });
  assertLess(history[14].loss, 0.1 * history[0].loss);
  assertLess(history[14].validationLoss!, 0.2 * history[0].validationLoss!);
});

Deno.test("fit() gives a record an epoch with the figures that there are", async () => {
  const classes = await fit(smallModel(), pictures, { ...smallOptions, device });
  assertEquals(classes.map((r) => r.epoch), [1, 2, 3]);
  for (const record of classes) {
    assertEquals(Object.keys(record), [
      "epoch",
      "loss",
      "accuracy",
      "validationLoss",
      "validationAccuracy",
      "seconds",
      "examplesPerSecond",
    ]);
    assert(Object.values(record).every((value) => Number.isFinite(value) && value >= 0));
    assert(record.accuracy! <= 1 && record.validationAccuracy! <= 1);
    assertGreater(record.seconds, 0);
    assertGreater(record.examplesPerSecond, 70 / record.seconds - 1);
  }
  const [numbers] = await fit(linearModel(), linearData(8), { device });
  assertEquals(Object.keys(numbers), ["epoch", "loss", "seconds", "examplesPerSecond"]);
});

Deno.test("fit() judges the validation data as evaluate() does, with the weights that it leaves", async () => {
  const model = smallModel();
  const history = await fit(model, pictures, { ...smallOptions, device });
  const score = await evaluate(model, otherPictures, { device });
  assertAlmostEquals(history[2].validationLoss!, score.loss, 1e-6);
  assertEquals(history[2].validationAccuracy, score.accuracy);
});

Deno.test("fit() without validation data leaves the same weights", async () => {
  const [model, other] = [smallModel(), smallModel()];
  await fit(model, pictures, { ...smallOptions, device });
  await fit(other, pictures, { ...smallOptions, validation: undefined, device });
  assertEquals(bitsOf(other), bitsOf(model));
});

Deno.test("the loss of an epoch is the mean over its examples, the last batch counting for as many as it has", async () => {
  const data = linearData(48);
  const model = linearModel();
  let weights = weightsOf(model);
  const [record] = await fit(model, data, { batchSize: 32, optimizer: sgd(0.1), shuffle: false, device });
  let sum = 0;
  for (const step of [0, 1]) {
    const examples = examplesAt(step, 48, 32);
    assertEquals(examples.length, step === 0 ? 32 : 16);
    const { loss, gradient } = lossAndGradient(weights, data, examples);
    sum += loss * examples.length;
    // The step is the gradient of the mean over 32, then over 16: not over 32 again.
    weights = weights.map((w, i) => w - 0.1 * gradient[i]);
  }
  assertAlmostEquals(record.loss, sum / 48, 1e-6);
  weightsOf(model).forEach((w, i) => assertAlmostEquals(w, weights[i], 1e-6));
});

Deno.test("fit() takes batches larger than the data for one batch of all", async () => {
  const [model, other] = [linearModel(), linearModel()];
  await fit(model, linearData(10), { epochs: 3, batchSize: 10, device });
  await fit(other, linearData(10), { epochs: 3, batchSize: 1000, device });
  assertEquals(bitsOf(other), bitsOf(model));
});

Deno.test("fit() for no epochs measures nothing and leaves the weights", async () => {
  const model = smallModel();
  const before = bitsOf(model);
  assertEquals(await fit(model, pictures, { ...smallOptions, epochs: 0, device }), []);
  assertEquals(bitsOf(model), before);
});

Deno.test("fit() tells a schedule the number of each step, from 0, and of all of them", async () => {
  const totals: number[] = [];
  const rate = {
    description: "rising",
    at: (step: Tensor, total: number) => {
      totals.push(total);
      return mul(step, 0.01);
    },
  };
  const [model, data] = [linearModel(), linearData(10)];
  let weights = weightsOf(model);
  await fit(model, data, { epochs: 3, batchSize: 4, optimizer: sgd(rate), shuffle: false, device });
  assertEquals(totals, [9]);
  for (let step = 0; step < 9; step++) {
    const { gradient } = lossAndGradient(weights, data, examplesAt(step, 10, 4));
    weights = weights.map((w, i) => w - 0.01 * step * gradient[i]);
  }
  weightsOf(model).forEach((w, i) => assertAlmostEquals(w, weights[i], 1e-6));
});

for (const { name, device } of everyDevice) {
  Deno.test(`Dataset.batches() with fit's seed gives the batches that fit() takes, epoch by epoch, on ${name}`, async () => {
    const [model, data] = [linearModel(), linearData(10)];
    let weights = weightsOf(model);
    await fit(model, data, { epochs: 3, batchSize: 4, seed: 11, optimizer: sgd(0.1), device });
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const { indices } of data.batches(4, { seed: 11, epoch })) {
        const { gradient } = lossAndGradient(weights, data, [...indices]);
        weights = weights.map((w, i) => w - 0.1 * gradient[i]);
      }
    }
    weightsOf(model).forEach((w, i) => assertAlmostEquals(w, weights[i], 1e-6));
  });
}

Deno.test("fit() writes into the model what it was trained on", async () => {
  const model = smallModel();
  model.info = { metrics: { old: 1 } };
  await fit(model, pictures, { ...smallOptions, epochs: 1, device });
  const { scale, classNames, dataset, seed, metrics } = model.info;
  assertEquals([scale, dataset, seed, metrics], [1 / 255, "shapes train", 5, { old: 1 }]);
  assertEquals(classNames, pictures.classNames);
});

Deno.test("fit() reports progress that adds up", async () => {
  const seen: Progress[] = [];
  const history = await fit(smallModel(), pictures, {
    ...smallOptions,
    device,
    callbacks: [{ onProgress: (p) => void seen.push(p) }],
  });
  for (const epoch of [1, 2, 3]) {
    const own = seen.filter((p) => p.epoch === epoch);
    const steps = own.map((p) => p.step);
    assertEquals(steps, steps.toSorted((a, b) => a - b));
    assertEquals(steps.at(-1), SMALL_STEPS);
    const last = own.at(-1)!;
    assertEquals([last.loss, last.accuracy], [history[epoch - 1].loss, history[epoch - 1].accuracy]);
    assertEquals([last.secondsLeft, last.steps, last.epochs], [0, SMALL_STEPS, 3]);
    assert(own.every((p) => p.examplesPerSecond > 0 && p.secondsLeft >= 0));
  }
  assertEquals(seen[0].step, 1);
});

Deno.test("fit() leaves the data as it was", async () => {
  const [inputs, targets] = [pictures.inputs.data.slice(), pictures.targets.data.slice()];
  await fit(smallModel(), pictures, { ...smallOptions, epochs: 1, device });
  assertEquals(pictures.inputs.data, inputs);
  assertEquals(pictures.targets.data, targets);
});

Deno.test("clipNorm bounds the move of all weights together, and keeps its direction", async () => {
  const move = async (clipNorm?: number) => {
    const model = linearModel();
    const before = weightsOf(model);
    await fit(model, linearData(8), { batchSize: 8, optimizer: sgd(1), clipNorm, device });
    return weightsOf(model).map((w, i) => w - before[i]);
  };
  const norm = (v: number[]) => Math.hypot(...v);
  const free = await move();
  assertGreater(norm(free), 0.5);
  for (const limit of [0.25, 0.001]) {
    const clipped = await move(limit);
    assertLess(norm(clipped), limit * 1.0001);
    assertGreater(norm(clipped), limit * 0.99);
    const cosine = clipped.reduce((sum, x, i) => sum + x * free[i], 0) / norm(clipped) / norm(free);
    assertAlmostEquals(cosine, 1, 1e-5);
  }
  assertEquals(await move(100), free);
});

Deno.test("fit() trains on one example, and on labels as int32", async () => {
  const [record] = await fit(smallModel(), pictures.take(1), { device });
  assertGreater(record.loss, 0);
  const data = pictures.take(8);
  const labelled = new Dataset({ inputs: data.inputs, targets: ndarray("int32", [8], data.targets.data) });
  const [bytes, ints] = [smallModel(), smallModel()];
  await fit(bytes, data, { device });
  await fit(ints, labelled, { device });
  assertEquals(bitsOf(ints), bitsOf(bytes));
});
