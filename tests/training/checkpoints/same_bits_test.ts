import { assertEquals, assertNotEquals } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Device } from "../../../engine/device.ts";
import { cnn } from "../../../models/cnn.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { everyDevice } from "../../devices.ts";
import { bitsOf, measured, pictures, smallModel, smallOptions } from "../small_run.ts";

async function train(device: Device, options: FitOptions = {}, modelSeed = 1) {
  const model = smallModel(modelSeed);
  const history = await fit(model, pictures, { ...smallOptions, ...options, device });
  return { bits: bitsOf(model), history: measured(history) };
}

for (const { name, device } of everyDevice) {
  Deno.test(`fit() gives the same bits twice on ${name}`, async () => {
    assertEquals(await train(device), await train(device));
  });
}

Deno.test("fit() gives the same bits on one thread and on two and three", async () => {
  const one = await train(cpuDevice({ threads: 1 }));
  for (const threads of [2, 3]) {
    const device = cpuDevice({ threads });
    assertEquals(await train(device), one, `${threads} threads`);
    device.close();
  }
});

Deno.test("the worked example gives the same bits on one thread and on two", async () => {
  const results = [];
  for (const threads of [1, 2]) {
    const device = cpuDevice({ threads });
    const model = cnn({ seed: 2 });
    await fit(model, pictures, { epochs: 2, batchSize: 32, optimizer: adam(), device });
    results.push(bitsOf(model));
    device.close();
  }
  assertEquals(results[1], results[0]);
});

Deno.test("fit() gives other weights for another seed, of the run or of the model", async () => {
  const device = cpuDevice({ threads: 1 });
  const first = await train(device);
  for (const other of [await train(device, { seed: 6 }), await train(device, {}, 2)]) {
    assertNotEquals(other.bits["dense_2/kernel"], first.bits["dense_2/kernel"]);
    assertNotEquals(other.history[0].loss, first.history[0].loss);
  }
});

Deno.test("every option that is there has a say in what comes out", async () => {
  const device = cpuDevice({ threads: 1 });
  const first = await train(device);
  const others: FitOptions[] = [
    { batchSize: 17 },
    { labelSmoothing: 0.2 },
    { clipNorm: 0.1 },
    { augmentation: { flip: true } },
    { augmentation: { shift: 2 } },
    { shuffle: false },
    { epochs: 2 },
    { optimizer: adam(0.05) },
  ];
  for (const options of others) {
    assertNotEquals((await train(device, options)).bits, first.bits, JSON.stringify(options));
  }
});
