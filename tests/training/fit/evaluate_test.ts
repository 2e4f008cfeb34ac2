import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { sequential } from "../../../models/model.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit } from "../../../training/fit/fit.ts";
import { linearData, linearModel, lossAndGradient, weightsOf } from "../linear_regression.ts";
import { otherPictures, pictures, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

const trained = smallModel();
await fit(trained, pictures, { ...smallOptions, device });

Deno.test("evaluate() gives the loss and accuracy that plain loops find in what predict() gives", async () => {
  const logits = await predict(trained, otherPictures.inputs, { device });
  let [loss, right] = [0, 0];
  for (let i = 0; i < 30; i++) {
    const row = [...logits.data.subarray(i * 10, (i + 1) * 10)];
    const label = otherPictures.targets.data[i];
    loss += Math.log(row.reduce((sum, x) => sum + Math.exp(x - row[label]), 0)) / 30;
    if (row.indexOf(Math.max(...row)) === label) right++;
  }
  // 7 and 11 do not divide 30.
  for (const batchSize of [7, 11, 30, 256]) {
    const score = await evaluate(trained, otherPictures, { device, batchSize });
    assertAlmostEquals(score.loss, loss, 2e-6);
    assertAlmostEquals(score.accuracy!, right / 30, 1e-9);
  }
});

Deno.test("evaluate() of numbers is the mean over all examples, and has no accuracy", async () => {
  const [model, data] = [linearModel(), linearData(11)];
  const { loss } = lossAndGradient(weightsOf(model), data, Array.from({ length: 11 }, (_, i) => i));
  for (const batchSize of [1, 4, 11]) {
    const score = await evaluate(model, data, { device, batchSize });
    assertEquals(Object.keys(score), ["loss"]);
    assertAlmostEquals(score.loss, loss, 1e-6);
  }
});

Deno.test("evaluate() takes a loss by name", async () => {
  const model = sequential([dense({ units: 1 })], { inputShape: [1] });
  model.setWeight("dense_1/kernel", ndarray("float32", [1, 1], [2]));
  const data = new Dataset({
    inputs: ndarray("float32", [2, 1], [1, -1]),
    targets: ndarray("uint8", [2], [1, 1]),
  });
  const score = await evaluate(model, data, { device, loss: "binaryCrossEntropy" });
  assertAlmostEquals(score.loss, (Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(2))) / 2, 1e-6);
  assertEquals(score.accuracy, 0.5);
});

Deno.test("predict() gives the same for every batch size, also where it does not divide", async () => {
  const whole = await predict(trained, otherPictures.inputs, { device });
  assertEquals([whole.dtype, [...whole.shape]], ["float32", [30, 10]]);
  for (const batchSize of [1, 4, 7, 29, 30, 1000]) {
    const parts = await predict(trained, otherPictures.inputs, { device, batchSize });
    assertEquals([...parts.shape], [30, 10]);
    parts.data.forEach((y, i) => assertAlmostEquals(y, whole.data[i], 2e-6, `element ${i} by ${batchSize}`));
  }
});

Deno.test("predict() of bytes is predict() of the same numbers scaled", async () => {
  const { inputs } = otherPictures.take(5);
  const scaled = ndarray("float32", inputs.shape, Float32Array.from(inputs.data, (byte) => byte / 255));
  const [bytes, floats] = [
    await predict(trained, inputs, { device }),
    await predict(trained, scaled, { device }),
  ];
  bytes.data.forEach((y, i) => assertAlmostEquals(y, floats.data[i], 1e-5));
  // As the model was trained, not always by 1/255.
  const model = sequential([dense({ units: 1, useBias: false })], { inputShape: [1] });
  model.setWeight("dense_1/kernel", ndarray("float32", [1, 1], [3]));
  const ask = async () => [...(await predict(model, ndarray("uint8", [2, 1], [0, 255]), { device })).data];
  assertEquals((await ask()).map((y) => Math.round(y * 1e5) / 1e5), [0, 3]);
  model.info = { scale: 0.5 };
  assertEquals(await ask(), [0, 382.5]);
});

Deno.test("predict() with probabilities gives rows that sum to one, in the order of the results", async () => {
  const logits = await predict(trained, otherPictures.inputs, { device });
  const { data } = await predict(trained, otherPictures.inputs, { device, probabilities: true });
  for (let i = 0; i < 30; i++) {
    const [row, before] = [data, logits.data].map((d) => [...d.subarray(i * 10, (i + 1) * 10)]);
    const all = before.reduce((sum, x) => sum + Math.exp(x), 0);
    assertAlmostEquals(row.reduce((a, b) => a + b, 0), 1, 1e-6);
    row.forEach((p, k) => assertAlmostEquals(p, Math.exp(before[k]) / all, 1e-6));
  }
});

Deno.test("predict() uses running statistics and no dropout: an example's result is its own", async () => {
  const [one, all] = [
    await predict(trained, otherPictures.slice(4, 5).inputs, { device }),
    await predict(trained, otherPictures.inputs, { device }),
  ];
  one.data.forEach((y, i) => assertAlmostEquals(y, all.data[40 + i], 2e-6));
});

Deno.test("predict() of no examples gives none", async () => {
  const none = ndarray("float32", [0, 3], []);
  assertEquals([...(await predict(linearModel(), none, { device })).shape], [0, 2]);
});
