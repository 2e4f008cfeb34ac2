import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { shapes } from "../../../data/image/shapes.ts";
import { cnn } from "../../../models/cnn.ts";
import { conv2d } from "../../../models/layers/convolution/conv2d.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { flatten } from "../../../models/layers/reshaping/flatten.ts";
import { averagePool2d, maxPool2d } from "../../../models/layers/pooling/pooling.ts";
import { sequential } from "../../../models/model.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit } from "../../../training/fit/fit.ts";
import { adam, sgd } from "../../../training/optimizers/optimizers.ts";
import { webgpu } from "../../devices.ts";
import { numbers } from "../linear_regression.ts";

Deno.test("a dense layer finds the line of least squares", async () => {
  const count = 40;
  const [x, noise] = [numbers(count, 5), numbers(count, 6)];
  const y = x.map((value, i) => 3 * value - 2 + 0.5 * noise[i]);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b) / count;
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope = mean(x.map((value, i) => (value - meanX) * (y[i] - meanY))) /
    mean(x.map((value) => (value - meanX) ** 2));
  const data = new Dataset({
    inputs: ndarray("float32", [count, 1], x),
    targets: ndarray("float32", [count, 1], y),
  });
  const model = sequential([dense({ units: 1 })], { inputShape: [1] });
  const device = cpuDevice({ threads: 1 });
  await fit(model, data, { epochs: 200, batchSize: count, optimizer: sgd(0.3), device });
  assertAlmostEquals(model.weights.get("dense_1/kernel")!.data[0], slope, 1e-4);
  assertAlmostEquals(model.weights.get("dense_1/bias")!.data[0], meanY - slope * meanX, 1e-4);
});

Deno.test("a hidden layer and binaryCrossEntropy learn the exclusive or", async () => {
  const data = new Dataset({
    inputs: ndarray("float32", [4, 2], [0, 0, 0, 1, 1, 0, 1, 1]),
    targets: ndarray("uint8", [4], [0, 1, 1, 0]),
  });
  const device = cpuDevice({ threads: 1 });
  for (const seed of [1, 2, 3]) {
    const layers = [dense({ units: 8, activation: "tanh" }), dense({ units: 1 })];
    const model = sequential(layers, { inputShape: [2], seed });
    const history = await fit(model, data, {
      epochs: 300,
      batchSize: 4,
      loss: "binaryCrossEntropy",
      optimizer: adam(0.05),
      device,
    });
    assertGreater(history[0].loss, 0.5);
    assertLess(history[299].loss, 0.05);
    assertEquals(history[299].accuracy, 1);
    const { data: logits } = await predict(model, data.inputs, { device });
    assertEquals([...logits].map((x) => x > 0), [false, true, true, false]);
  }
});

Deno.test("the worked example passes 90 % on shapes on the cpu device", async () => {
  const { train, test } = shapes();
  const device = cpuDevice();
  const begin = performance.now();
  const model = cnn({ seed: 1 });
  const history = await fit(model, train, {
    validation: test,
    epochs: 3,
    optimizer: adam(),
    seed: 1,
    device,
  });
  const seconds = (performance.now() - begin) / 1000;
  const { accuracy } = await evaluate(model, test, { device });
  device.close();
  console.log(
    `shapes on ${device.description}: ${(100 * accuracy!).toFixed(1)} % in ${seconds.toFixed(1)} s`,
  );
  assertEquals(accuracy, history[2].validationAccuracy);
  assertGreater(accuracy!, 0.9);
});

Deno.test({
  name: "a smaller network learns shapes on the webgpu device",
  // tests/devices.ts has announced that there is none, or thrown where one is demanded.
  ignore: webgpu === undefined,
  fn: async () => {
    const { device } = webgpu!;
    const { train, test } = shapes({ train: 2000, test: 500 });
    const model = sequential([
      averagePool2d(),
      conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
      maxPool2d(),
      conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
      flatten(),
      dense({ units: 64, activation: "relu" }),
      dense({ units: 10 }),
    ], { inputShape: [32, 32, 3], seed: 1 });
    const begin = performance.now();
    const [first, ...others] = await fit(model, train, {
      validation: test,
      epochs: 3,
      optimizer: adam(0.005),
      batchSize: 64,
      seed: 1,
      device,
    });
    const seconds = (performance.now() - begin) / 1000;
    const { loss, validationAccuracy } = others.at(-1)!;
    const percent = (100 * validationAccuracy!).toFixed(1);
    console.log(`shapes on ${device.description}: ${percent} % in ${seconds.toFixed(1)} s`);
    assert(loss < 0.6 * first.loss, `${loss} after ${first.loss}`);
    assertGreater(validationAccuracy!, 0.5);
  },
});
