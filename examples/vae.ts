/**
 * A variational autoencoder on MNIST: an encoder to a random variable of 20 numbers, a decoder back, and digits out of noise.
 *
 *     deno run --allow-read --allow-write=runs examples/vae.ts FOLDER    # one with train-images*, train-labels*, t10k-images* and t10k-labels*
 */
import {
  adam,
  compute,
  data,
  Dataset,
  layers,
  type NdArray,
  ndarray,
  numbers,
  ops,
  parameters,
  predict,
  sequential,
  type Tensor,
  train,
  trainStep,
} from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";
import { writeSheet } from "./sheet.ts";

const LATENTS = 20;

/** Trains on images `[count, 28, 28, 1]`; gives the history, and writes a sheet of new ones. */
export async function main(
  { images, test = images, epochs = 10, sheet }: {
    images: NdArray;
    test?: NdArray;
    epochs?: number;
    sheet?: string;
  },
) {
  // Its result is the mean of each latent, and the logarithm of its variance.
  const encoder = sequential([
    layers.flatten(),
    layers.dense({ units: 400, activation: "relu" }),
    layers.dense({ units: 2 * LATENTS }),
  ], { inputShape: [28, 28, 1], name: "encoder" });
  const decoder = sequential([
    layers.dense({ units: 400, activation: "relu" }),
    layers.dense({ units: 784 }),
    layers.reshapeTo([28, 28, 1]),
  ], { inputShape: [LATENTS], name: "decoder", seed: 1 });

  const E = parameters(encoder, { optimizer: adam(0.001) });
  const D = parameters(decoder, { optimizer: adam(0.001) });
  const losses = (image: Tensor, random: ops.RandomSource) => {
    // Each pixel is on with a probability of its brightness.
    const x = ops.cast(ops.less(random.uniform(image.shape), image), "float32");
    const [mean, logVariance] = ops.split(E.apply(x), 2, 1);
    const z = ops.add(mean, ops.mul(ops.exp(ops.mul(logVariance, 0.5)), random.normal(mean.shape)));
    const reconstruction = ops.sum(ops.binaryCrossEntropy(D.apply(z), x), [1, 2, 3]);
    // How far the latents are from standard normal ones.
    const divergence = ops.mul(
      ops.sum(ops.sub(ops.add(ops.square(mean), ops.exp(logVariance)), ops.add(logVariance, 1)), [1]),
      0.5,
    );
    return { loss: ops.add(reconstruction, divergence), reconstruction, divergence };
  };
  const step = trainStep(({ batch, random }) => {
    const metrics = losses(batch.image, random);
    return { minimize: [[metrics.loss, E], [metrics.loss, D]], metrics };
  }, { evaluate: ({ batch, random }) => losses(batch.image, random) });

  const dataset = (values: NdArray) => new Dataset({ fields: { image: numbers(values) } });
  const history = await train(step, dataset(images), {
    epochs,
    batchSize: 128,
    validation: dataset(test),
    callbacks: [progress],
  });

  if (sheet !== undefined) {
    const noise = await compute(ops.randomNormal([64, LATENTS], { seed: 7 }));
    const logits = await predict(decoder, noise);
    await writeSheet(sheet, ndarray("float32", logits.shape, logits.data.map((v) => 1 / (1 + Math.exp(-v)))));
    console.log(`wrote ${sheet}`);
  }
  return history;
}

if (import.meta.main) {
  const digits = await data.mnist(argument("a folder with MNIST's files"));
  await Deno.mkdir("runs", { recursive: true });
  await main({ images: digits.train.inputs, test: digits.test.inputs, sheet: "runs/vae.png" });
}
