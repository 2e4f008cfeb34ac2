/** Weights in several blocks, where a device allows no tensor that holds them all. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Device } from "../../../engine/device.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { ParameterBlocks } from "../../../training/step/parameter_blocks.ts";
import { adamW } from "../../../training/optimizers/optimizers.ts";
import { modelTrainer } from "../model_trainer.ts";
import { parameters } from "../../../training/step/parameters.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { withPolicy } from "../../with_policy.ts";
import { bitsOf, pictures, smallModel, smallOptions } from "../small_run.ts";

/** The largest weight takes 9,408 bytes, all of them some 10 kB. */
const LIMIT = 9_500;
const narrow = (device: Device): Device => ({ ...withPolicy(device, {}), maxTensorBytes: LIMIT });

const options = { ...smallOptions, optimizer: adamW(0.003), clipNorm: undefined } satisfies FitOptions;

async function trained(device: Device, changes: FitOptions = {}) {
  const model = smallModel();
  await fit(model, pictures, { ...options, ...changes, device });
  return model;
}

Deno.test("weights are split into as few blocks as a device allows, in their order", () => {
  const blocksFor = (maxTensorBytes: number) =>
    new ParameterBlocks(parameters(smallModel(), { optimizer: adamW() }), {
      maxTensorBytes,
      description: "a device",
    });
  assertEquals(blocksFor(1 << 20).sizes.length, 1);
  assertEquals(blocksFor(1 << 20).names("trained"), ["parameters/small/weights"]);
  const { sizes } = blocksFor(LIMIT);
  assertEquals(
    blocksFor(LIMIT).names("trained"),
    ["", " part 2", " part 3"].map((part) => `parameters/small/weights${part}`),
  );
  assert(sizes.every((size) => 4 * size <= LIMIT), `${sizes}`);
  assertEquals(sizes.reduce((a, b) => a + b), blocksFor(1 << 20).sizes[0]);
});

for (const { name, device } of everyDevice) {
  Deno.test(`training in several blocks gives the same bits as in one on ${name}`, async () => {
    const model = await trained(narrow(device));
    assertEquals(bitsOf(model), bitsOf(await trained(device)));
    assertEquals(
      await evaluate(model, pictures, { device: narrow(device) }),
      await evaluate(model, pictures, { device }),
    );
  });

  Deno.test(`a run goes on with another split of its weights on ${name}`, async () => {
    const trainerOn = (device: Device) =>
      modelTrainer({
        ...options,
        device,
        model: smallModel(),
        data: pictures,
        loss: "softmaxCrossEntropy",
        shuffle: true,
      });
    const [split, whole] = [await trainerOn(narrow(device)), await trainerOn(device)];
    split.start(3);
    const saved = await split.save();
    assertEquals(Object.keys(saved).sort(), Object.keys(await whole.save()).sort());
    whole.restore(saved);
    for (const trainer of [split, whole]) trainer.start(3);
    const ends = await Promise.all([split.save(), whole.save()]);
    assertEquals(ends[0], ends[1]);
    split.restore(ends[1]);
    assertEquals(await split.save(), ends[1]);
    split.close();
    whole.close();
  });
}

for (const changes of [{ clipNorm: 0.5 }, { precision: "mixed" }] satisfies FitOptions[]) {
  Deno.test(`training in several blocks with ${JSON.stringify(changes)} goes as in one`, async () => {
    const [split, whole] = [await trained(narrow(cpu.device), changes), await trained(cpu.device, changes)];
    for (const [weight, { data }] of whole.weights) {
      const other = split.weights.get(weight)!.data;
      const isClose = data.every((value, i) => Math.abs(value - other[i]) < 1e-3);
      assert(isClose, `${weight}: ${data} and ${other}`);
    }
  });
}

Deno.test("a single weight that is too large for the device is named", async () => {
  await assertRejects(
    () =>
      fit(smallModel(), pictures, { ...options, device: { ...narrow(cpu.device), maxTensorBytes: 9_000 } }),
    RangeError,
    "its weight dense_1/kernel [196, 12] takes 9.41 kB, a tensor there may have 9.00 kB",
  );
});
