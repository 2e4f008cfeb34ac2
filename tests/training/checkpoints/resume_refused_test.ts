import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { activation } from "../../../models/layers/core/activation.ts";
import { sequential } from "../../../models/model.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { temporary } from "../../data/temporary.ts";
import { oneStep } from "./interrupted_run.ts";
import { otherPictures, pictures, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

Deno.test("going on with other options is refused, and the message says which", async () => {
  await using folder = await temporary();
  const resume = await oneStep(folder.path);
  const others: [string, FitOptions][] = [
    ["epochs is 3 instead of 4", { epochs: 4 }],
    ["batchSize is 16 instead of 8", { batchSize: 8 }],
    ['instead of "adam(0.001)"', { optimizer: adam() }],
    ["labelSmoothing is 0.1 instead of 0", { labelSmoothing: 0 }],
    ["clipNorm is 1 instead of undefined", { clipNorm: undefined }],
    ['augmentation is {"flip":true,"shift":2} instead of {"flip":true}', { augmentation: { flip: true } }],
    ["shuffle is true instead of false", { shuffle: false }],
    ["seed is 5 instead of 6", { seed: 6 }],
  ];
  for (const [says, options] of others) {
    const error = await assertRejects(
      () => fit(smallModel(), pictures, { ...smallOptions, ...options, device, resume }),
      RangeError,
      "Cannot go on from this checkpoint: ",
    );
    assertStringIncludes(error.message, says);
    assertEquals(error.message.includes(";"), false, "one difference, one reason");
  }
  const both = { ...smallOptions, seed: 6, epochs: 9, device, resume };
  const { message } = await assertRejects(() => fit(smallModel(), pictures, both), RangeError);
  assertEquals(
    message,
    "Cannot go on from this checkpoint: epochs is 3 instead of 9; seed is 5 instead of 6",
  );
  await assertRejects(
    () => fit(smallModel(), otherPictures, { ...smallOptions, device, resume }),
    RangeError,
    "examples is 70 instead of 30",
  );
  const model = sequential([...smallModel().layers.map((l) => l.layer), activation("relu")], {
    inputShape: [32, 32, 3],
    name: "small",
  });
  await assertRejects(
    () => fit(model, pictures, { ...smallOptions, device, resume }),
    RangeError,
    "model is ",
  );
});

Deno.test("going on is refused when the optimizer's other numbers differ", async () => {
  await using folder = await temporary();
  const resume = await oneStep(folder.path, { optimizer: adam(0.001) });
  const options = { ...smallOptions, device, resume };
  await fit(smallModel(), pictures, { ...options, optimizer: adam(0.001) });
  await assertRejects(
    () => fit(smallModel(), pictures, { ...options, optimizer: adam(0.001, { beta1: 0.5 }) }),
    RangeError,
    "optimizer is ",
  );
});

Deno.test("going on with a checkpoint that lacks a tensor, or has it in another shape, is refused", async () => {
  await using folder = await temporary();
  const name = "parameters/small/weights";
  const resume = await oneStep(folder.path);
  const { [name]: weights, ...others } = resume.tensors;
  const options = { ...smallOptions, device };
  await assertRejects(
    () => fit(smallModel(), pictures, { ...options, resume: { ...resume, tensors: others } }),
    RangeError,
    "parameters/small/weights is missing",
  );
  const short = ndarray("float32", [4], weights.data.slice(0, 4));
  const tensors = { ...others, [name]: short };
  await assertRejects(
    () => fit(smallModel(), pictures, { ...options, resume: { ...resume, tensors } }),
    TypeError,
    'state "parameters/small/weights"',
  );
});
