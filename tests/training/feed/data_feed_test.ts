import { assertEquals } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { compute } from "../../../devices/program.ts";
import { iota } from "../../../ops/creation/iota.ts";
import { permutation } from "../../../data/permutation.ts";
import { shuffled } from "../../../ops/random/shuffle.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit } from "../../../training/fit/fit.ts";
import { narrowDevice } from "../loop/narrow_device.ts";
import { bitsOf, measured, otherPictures, pictures, smallModel, smallOptions } from "../small_run.ts";
import { oneStep } from "../checkpoints/interrupted_run.ts";
import { temporary } from "../../data/temporary.ts";

const picture = 32 * 32 * 3;

for (const steps of [2, 3, 4]) {
  Deno.test(`data that passes through in windows of ${steps} steps trains to the same bits as data that fits`, async () => {
    const whole = smallModel();
    const history = await fit(whole, pictures, { ...smallOptions, device: cpuDevice({ threads: 1 }) });
    const limit = steps * smallOptions.batchSize * picture + 100;
    const { device, largest } = narrowDevice(limit);
    const passing = smallModel();
    const same = await fit(passing, pictures, { ...smallOptions, device });
    assertEquals(measured(same), measured(history));
    assertEquals(bitsOf(passing), bitsOf(whole));
    assertEquals(largest() <= limit, true, `${largest()} bytes were written at once`);
    device.close();
  });
}

Deno.test("judging data that does not fit gives the same score", async () => {
  const model = smallModel();
  const whole = await evaluate(model, otherPictures, { batchSize: 8, device: cpuDevice({ threads: 1 }) });
  const { device } = narrowDevice(17 * picture);
  assertEquals(await evaluate(model, otherPictures, { batchSize: 8, device }), whole);
  device.close();
});

Deno.test("a run whose data passes through is gone on with in the middle of an epoch", async () => {
  const whole = smallModel();
  await fit(whole, pictures, { ...smallOptions, device: cpuDevice({ threads: 1 }) });
  await using folder = await temporary();
  const first = narrowDevice(40 * picture);
  const resume = await oneStep(folder.path, { device: first.device });
  first.device.close();
  const { device } = narrowDevice(40 * picture);
  const model = smallModel();
  await fit(model, pictures, { ...smallOptions, device, resume });
  assertEquals(bitsOf(model), bitsOf(whole));
  device.close();
});

Deno.test("the host's shuffled order is the device's", async () => {
  for (const [size, seed, turn] of [[1, 0, 0], [2, 1, 3], [37, 4_000_000_000, 2], [50_000, 7, 9]]) {
    const { data } = await compute(shuffled(iota(size), size, { seed, turn }));
    assertEquals(data, Int32Array.from(permutation(size, seed, turn)));
  }
});
