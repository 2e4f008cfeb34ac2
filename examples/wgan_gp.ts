/**
 * A Wasserstein GAN with gradient penalty: a generator makes pictures of noise, a critic tells them from real ones, and the slope of
 * the critic is held close to 1 between them. The penalty is a gradient that is differentiated once more.
 *
 *     deno run --allow-read --allow-write=runs examples/wgan_gp.ts FOLDER    # one with train-images*, train-labels*, t10k-images* and t10k-labels*
 */
import {
  adam,
  compute,
  data,
  Dataset,
  grad,
  layers,
  type NdArray,
  numbers,
  ops,
  parameters,
  predict,
  sequential,
  train,
  trainStep,
} from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";
import { writeSheet } from "./sheet.ts";

const LATENTS = 64;
const BATCH = 64;

const generator = () =>
  sequential([
    layers.dense({ units: 7 * 7 * 64 }),
    layers.reshapeTo([7, 7, 64]),
    layers.batchNormalization(),
    layers.activation("relu"),
    layers.conv2dTranspose({ filters: 32, kernelSize: 4, strides: 2, padding: "same" }),
    layers.batchNormalization(),
    layers.activation("relu"),
    layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: "same", activation: "sigmoid" }),
  ], { inputShape: [LATENTS], name: "generator" });

const critic = () =>
  sequential([
    layers.conv2d({ filters: 32, kernelSize: 5, strides: 2, padding: "same", activation: "leakyRelu" }),
    layers.conv2d({ filters: 64, kernelSize: 5, strides: 2, padding: "same", activation: "leakyRelu" }),
    layers.flatten(),
    layers.dense({ units: 1 }),
  ], { inputShape: [28, 28, 1], name: "critic", seed: 1 });

/** Trains on images `[count, 28, 28, 1]`; gives the history, and writes a sheet of new ones. */
export async function main(
  { images, epochs = 5, sheet }: { images: NdArray; epochs?: number; sheet?: string },
) {
  const model = generator();
  const optimizer = adam(2e-4, { beta1: 0.5, beta2: 0.9 });
  const G = parameters(model, { optimizer, average: 0.999 });
  const D = parameters(critic(), { optimizer });

  const step = trainStep(({ batch: { image }, random }) => {
    const fake = G.apply(random.normal([BATCH, LATENTS]));
    const held = ops.stopGradient(fake);
    // A point between a real and a made picture, another for each pair.
    const share = random.uniform([BATCH, 1, 1, 1]);
    const between = ops.add(ops.mul(image, share), ops.mul(held, ops.sub(1, share)));
    const [slope] = grad(ops.sum(D.apply(between)), [between]);
    const steepness = ops.sqrt(ops.add(ops.sum(ops.square(slope), [1, 2, 3]), 1e-12));
    const penalty = ops.mean(ops.square(ops.sub(steepness, 1)));
    const distance = ops.sub(ops.mean(D.apply(image)), ops.mean(D.apply(held)));
    const lossD = ops.sub(ops.mul(penalty, 10), distance);
    const lossG = ops.neg(ops.mean(D.apply(fake)));
    return {
      // The critic learns five times as often.
      minimize: [[lossD, D], [lossG, G, { every: 5 }]],
      metrics: { distance, penalty },
    };
  });

  const history = await train(step, new Dataset({ fields: { image: numbers(images) } }), {
    epochs,
    batchSize: BATCH,
    callbacks: [progress],
  });
  if (sheet !== undefined) {
    const made = await predict(model, await compute(ops.randomNormal([64, LATENTS], { seed: 7 })));
    await writeSheet(sheet, made);
    console.log(`wrote ${sheet}`);
  }
  return history;
}

if (import.meta.main) {
  const digits = await data.mnist(argument("a folder with MNIST's files"));
  await Deno.mkdir("runs", { recursive: true });
  await main({ images: digits.train.inputs, sheet: "runs/wgan.png" });
}
