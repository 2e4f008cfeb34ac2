/**
 * ResNet-9 on CIFAR-10, of 0.27 million parameters: convolutions with skips around pairs of them, as a graph.
 *
 *     deno run --allow-read examples/resnet9.ts FOLDER    # one with cifar-10-batches-bin
 *     deno run examples/resnet9.ts                        # pictures that Gesso draws itself
 */
import {
  cifar10,
  fit,
  graph,
  input,
  layers,
  merge,
  type Model,
  type models,
  sgd,
  shapes,
  type TrainAndTest,
  training,
} from "@gesso/gesso";
import { progress } from "./progress.ts";

const block = (x: models.SymbolicTensor, filters: number): models.SymbolicTensor =>
  x.to(
    layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false }),
    layers.batchNormalization(),
    layers.activation("relu"),
  );

const residual = (x: models.SymbolicTensor, filters: number): models.SymbolicTensor =>
  merge(layers.addLayers(), [x, block(block(x, filters), filters)]);

/** The network: 16 to 96 filters, two residual pairs. */
export function resnet9(width = 32): Model {
  const image = input([32, 32, 3], { name: "image" });
  let x = block(image, width / 2);
  x = block(x, width).to(layers.maxPool2d());
  x = residual(x, width);
  x = block(x, 2 * width).to(layers.maxPool2d());
  x = block(x, 3 * width).to(layers.maxPool2d());
  x = residual(x, 3 * width);
  return graph({
    inputs: image,
    outputs: x.to(layers.globalMaxPool2d(), layers.dense({ units: 10 })),
    name: "resnet9",
  });
}

/** Trains it, and prints how it does on the test images after each epoch. */
export async function main(
  { data = shapes(), epochs = 8, batchSize = 128 }: {
    data?: TrainAndTest;
    epochs?: number;
    batchSize?: number;
  } = {},
) {
  const model = resnet9();
  console.log(model.summary());
  return await fit(model, data.train, {
    validation: data.test,
    epochs,
    batchSize,
    optimizer: sgd(training.oneCycle(0.4), { momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    labelSmoothing: 0.1,
    augmentation: { flip: true, shift: 4 },
    callbacks: [progress],
  });
}

if (import.meta.main) {
  const [folder] = Deno.args;
  await main({ data: folder === undefined ? shapes() : await cifar10({ data: folder }) });
}
