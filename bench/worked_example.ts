/** The worked example's training run on random images, for the clock. */
import { adam, cnn, Dataset, type Device, type Model, ndarray, parameters } from "../mod.ts";
import type { Precision } from "../models/precision.ts";
import { fitStep } from "../training/fit/fit_step.ts";
import { Trainer } from "../training/loop/trainer.ts";

/** Random images of a size: as many as four batches. */
function randomImages(batch: number, size: number): Dataset {
  const n = batch * 4;
  const bytes = new Uint8Array(n * size * size * 3);
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return new Dataset({
    inputs: ndarray("uint8", [n, size, size, 3], bytes),
    targets: ndarray("uint8", [n], Uint8Array.from({ length: n }, (_, i) => i % 10)),
  });
}

/** A run of a model, the worked example when left out, at a batch size. */
export async function workedExample(
  device: Device,
  batch: number,
  options: { model?: Model; size?: number; precision?: Precision } = {},
): Promise<Trainer> {
  const { model = cnn(), size = 32, precision = "float32" } = options;
  const data = randomImages(batch, size);
  const step = fitStep(parameters(model, { optimizer: adam() }), data, { loss: "softmaxCrossEntropy" });
  return await Trainer.create({
    device,
    step,
    data,
    epochs: 1000,
    batchSize: batch,
    shuffle: true,
    seed: 0,
    precision,
  });
}
