import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { shapes } from "../../../data/image/shapes.ts";
import type { Device } from "../../../engine/device.ts";
import type { NdArray } from "../../../engine/array.ts";
import { cnn } from "../../../models/cnn.ts";
import { conv2d } from "../../../models/layers/convolution/conv2d.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { flatten } from "../../../models/layers/reshaping/flatten.ts";
import { maxPool2d } from "../../../models/layers/pooling/pooling.ts";
import { sequential } from "../../../models/model.ts";
import { fit } from "../../../training/fit/fit.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { type ModelRun, modelTrainer } from "../model_trainer.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { bitsOf, pictures, smallModel, smallOptions } from "../small_run.ts";

const { train, test } = shapes({ train: 640, test: 200, seed: 4 });

const model = () =>
  sequential([
    conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
    maxPool2d(),
    conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
    maxPool2d(),
    flatten(),
    dense({ units: 10 }),
  ], { inputShape: [32, 32, 3], seed: 2 });

const trainerOn = (device: Device, options: Partial<ModelRun> = {}) =>
  modelTrainer({
    device,
    model: model(),
    data: train,
    epochs: 100,
    batchSize: 32,
    optimizer: adam(0.002),
    loss: "softmaxCrossEntropy",
    labelSmoothing: 0,
    augmentation: {},
    shuffle: true,
    seed: 0,
    precision: "mixed",
    ...options,
  });

for (const { name, device } of everyDevice) {
  Deno.test(`mixed precision learns like single precision on ${name}, in less memory`, async () => {
    const losses: number[] = [];
    const bytes: number[] = [];
    for (const precision of ["float32", "mixed"] as const) {
      const trainer = await trainerOn(device, { precision });
      trainer.start(trainer.stepsPerEpoch);
      const { metrics: first } = await trainer.progress();
      trainer.beginEpoch();
      trainer.start(trainer.stepsPerEpoch);
      const { metrics: second } = await trainer.progress();
      assertLess(second.loss, first.loss);
      losses.push(second.loss);
      bytes.push(trainer.summary.plannedBytes);
      trainer.close();
    }
    assertAlmostEquals(losses[1], losses[0], 0.03);
    assert(losses[0] !== losses[1], "nothing was rounded");
    // A software adapter stores fewer of the things that halves make smaller.
    assertLess(bytes[1], (device.kind === "cpu" ? 0.7 : 0.9) * bytes[0]);
  });

  Deno.test(`a gradient that is too large for halves is passed over, and the scale falls, on ${name}`, async () => {
    const trainer = await trainerOn(device);
    trainer.start(2);
    const own = "parameters/model/";
    /** What is kept of the set of parameters. */
    const saved = async () => {
      const entries = Object.entries(await trainer.save());
      return Object.fromEntries(entries.map(([name, value]) => [name.replace(own, ""), value]));
    };
    const all = await trainer.save();
    const before = await saved();
    assertEquals([before.lossScale.data[0], before.goodSteps.data[0]], [2 ** 15, 2]);
    const scale: NdArray = { dtype: "float32", shape: [], data: new Float32Array([2 ** 60]) };
    trainer.restore({ ...all, [`${own}lossScale`]: scale });
    trainer.start(1);
    const after = await saved();
    for (const kept of ["weights", "slot/mean", "slot/square"]) assertEquals(after[kept], before[kept]);
    assertEquals([after.lossScale.data[0], after.goodSteps.data[0], after.step.data[0]], [2 ** 59, 0, 3]);
    // An optimizer counts only the steps that it made.
    assertEquals([before.updates.data[0], after.updates.data[0]], [2, 2]);
    assertEquals((await trainer.progress()).firstBad, -1);
    // After many good steps it rises again.
    trainer.restore({
      ...all,
      [`${own}goodSteps`]: { dtype: "int32", shape: [], data: new Int32Array([1999]) },
    });
    trainer.start(1);
    const risen = await saved();
    assertEquals([risen.lossScale.data[0], risen.goodSteps.data[0]], [2 ** 16, 0]);
    trainer.close();
  });
}

Deno.test("a run in mixed precision gives the same bits again, and every kind of layer takes part", async () => {
  const bits: Record<string, Uint32Array>[] = [];
  for (let run = 0; run < 2; run++) {
    const small = smallModel();
    const history = await fit(small, pictures, { ...smallOptions, precision: "mixed", device: cpu.device });
    assert(history.every((r) => Number.isFinite(r.loss)));
    bits.push(bitsOf(small));
  }
  assertEquals(bits[0], bits[1]);
});

Deno.test("mixed precision passes 85 % on shapes", async () => {
  const data = shapes({ train: 4000, test: 500, seed: 1 });
  const history = await fit(cnn(), data.train, {
    validation: data.test,
    epochs: 4,
    batchSize: 32,
    optimizer: adam(0.001),
    precision: "mixed",
    device: "cpu",
  });
  assertGreater(history.at(-1)!.validationAccuracy!, 0.85);
});

Deno.test("another precision is refused before anything is computed", async () => {
  await assertRejects(
    () => fit(model(), test, { precision: "half" as "mixed", device: cpu.device }),
    TypeError,
    'Cannot train with precision "half": it has to be one of float32, mixed',
  );
});
