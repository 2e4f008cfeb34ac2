import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Device } from "../../../engine/device.ts";
import { cnn } from "../../../models/cnn.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { cpu, webgpu } from "../../devices.ts";
import { otherPictures, pictures, smallModel, smallOptions } from "../small_run.ts";

const makers = { cnn: () => cnn({ seed: 3 }), small: () => smallModel() };
const options: Record<keyof typeof makers, FitOptions> = {
  cnn: { optimizer: adam(), seed: 2 },
  // Dropout and augmentation draw the same bits on every device.
  small: smallOptions,
};

/** The loss of each step: the data is one batch, and each epoch is a step. */
async function losses(name: keyof typeof makers, device: Device, steps: number): Promise<number[]> {
  const history = await fit(makers[name](), pictures, {
    ...options[name],
    epochs: steps,
    batchSize: pictures.length,
    validation: undefined,
    device,
  });
  return history.map((r) => r.loss);
}

for (const name of ["cnn", "small"] as const) {
  Deno.test({
    name: `training steps of ${name} agree between the cpu and the webgpu device to 1e-4 in loss`,
    // tests/devices.ts has announced that there is none, or thrown where one is demanded.
    ignore: webgpu === undefined,
    fn: async () => {
      const [one, other] = [await losses(name, cpu.device, 5), await losses(name, webgpu!.device, 5)];
      one.forEach((loss, step) => assertAlmostEquals(other[step], loss, 1e-4 * loss, `step ${step}`));
    },
  });
}

Deno.test({
  name: "evaluate() and predict() agree between the cpu and the webgpu device",
  ignore: webgpu === undefined,
  fn: async () => {
    const model = cnn({ seed: 3 });
    const ask = async (device: Device) => ({
      score: await evaluate(model, otherPictures, { device, batchSize: 8 }),
      logits: await predict(model, otherPictures.inputs, { device, batchSize: 8 }),
    });
    const [one, other] = [await ask(cpu.device), await ask(webgpu!.device)];
    assertAlmostEquals(other.score.loss, one.score.loss, 1e-5);
    assertEquals(other.score.accuracy, one.score.accuracy);
    one.logits.data.forEach((y, i) => assertAlmostEquals(other.logits.data[i], y, 1e-5));
  },
});
