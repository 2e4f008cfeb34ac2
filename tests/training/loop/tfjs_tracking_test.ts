/**
 * TensorFlow.js trains the worked example beside Gesso: the same first weights, the same batches, the same Adam.
 * Its convolutions on the CPU take 1 s an image, so here they are what TensorFlow.js itself calls them, a product of
 * matrices of windows; that this is its `conv2d` is checked first. Batches of 4 keep the test under half a minute.
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
// Registers the gradients, which the core leaves out.
// deno-lint-ignore no-import-prefix
import "npm:@tensorflow/tfjs-layers@4.22.0";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Dataset } from "../../../data/dataset.ts";
import { shapes } from "../../../data/image/shapes.ts";
import { cnn } from "../../../models/cnn.ts";
import type { Model } from "../../../models/model.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { modelTrainer } from "../model_trainer.ts";

const [batchSize, steps] = [4, 20];

tf.enableProdMode();
await tf.setBackend("cpu");

type Weights = Record<string, tf.Variable>;

/** A valid convolution: every window in a row, times the kernel. */
function convolution(x: tf.Tensor4D, kernel: tf.Tensor): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [rows, columns, , filters] = kernel.shape;
  const [down, right] = [height - rows + 1, width - columns + 1];
  const shifted: tf.Tensor4D[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) shifted.push(tf.slice(x, [0, i, j, 0], [batch, down, right, channels]));
  }
  const size = rows * columns * channels;
  const windows = tf.reshape(tf.concat(shifted, 3), [batch * down * right, size]) as tf.Tensor2D;
  const product = tf.matMul(windows, tf.reshape(kernel, [size, filters]) as tf.Tensor2D);
  return tf.reshape(product, [batch, down, right, filters]) as tf.Tensor4D;
}

function logitsOf(weights: Weights, images: tf.Tensor4D): tf.Tensor2D {
  let x = images;
  for (const n of [1, 2, 3]) {
    x = tf.relu(
      tf.add(convolution(x, weights[`conv2d_${n}/kernel`]), weights[`conv2d_${n}/bias`]),
    ) as tf.Tensor4D;
    if (n < 3) x = tf.maxPool(x, 2, 2, "valid");
  }
  let y = tf.reshape(x, [images.shape[0], 1024]) as tf.Tensor2D;
  for (const n of [1, 2]) {
    y = tf.add(
      tf.matMul(y, weights[`dense_${n}/kernel`] as tf.Tensor2D),
      weights[`dense_${n}/bias`],
    ) as tf.Tensor2D;
    if (n < 2) y = tf.relu(y);
  }
  return y;
}

function variablesOf(model: Model): Weights {
  return Object.fromEntries(
    [...model.weights].map(([name, { data, shape }]) => [name, tf.variable(tf.tensor(data, [...shape]))]),
  );
}

function batchOf(data: Dataset, step: number): { images: tf.Tensor4D; labels: tf.Tensor } {
  const { inputs, targets } = data.slice(step * batchSize, (step + 1) * batchSize);
  const pixels = Float32Array.from(inputs.data, (byte) => byte / 255);
  return {
    images: tf.tensor4d(pixels, [batchSize, 32, 32, 3]),
    labels: tf.oneHot(tf.tensor1d(Int32Array.from(targets.data), "int32"), 10),
  };
}

const data = shapes({ train: batchSize * steps, test: 1, seed: 8 }).train;
const model = cnn({ seed: 4 });

Deno.test("the convolution of this test is the conv2d of TensorFlow.js", async () => {
  const weights = variablesOf(model);
  const { images } = batchOf(data, 0);
  const kernel = weights["conv2d_1/kernel"] as tf.Tensor as tf.Tensor4D;
  const [ours, theirs] = [convolution(images, kernel), tf.conv2d(images, kernel, 1, "valid")];
  assertEquals(ours.shape, theirs.shape);
  const [a, b] = [await ours.data(), await theirs.data()];
  a.forEach((value, i) => assertAlmostEquals(value, b[i], 1e-5, `element ${i}`));
});

Deno.test("the losses of the first 20 steps of the worked example are those of TensorFlow.js to 1e-3", async () => {
  const weights = variablesOf(model);
  const optimizer = tf.train.adam(0.001, 0.9, 0.999);
  const expected: number[] = [];
  for (let step = 0; step < steps; step++) {
    // Gesso's epsilon is that of Keras and of the paper's section 2, which is added before the square is corrected;
    // that of TensorFlow.js is added after. Where gradients are small this is no small thing: 1e-2 in these losses.
    (optimizer as unknown as { epsilon: number }).epsilon = 1e-7 / Math.sqrt(1 - 0.999 ** (step + 1));
    const loss = tf.tidy(() => {
      const { images, labels } = batchOf(data, step);
      return optimizer.minimize(() => {
        const each = tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logitsOf(weights, images))), -1));
        return tf.mean(each) as tf.Scalar;
      }, true)!;
    });
    expected.push((await loss.data())[0]);
    loss.dispose();
  }

  const device = cpuDevice({ threads: 1 });
  const trainer = await modelTrainer({
    device,
    model,
    data,
    epochs: 1,
    batchSize,
    optimizer: adam(),
    loss: "softmaxCrossEntropy",
    labelSmoothing: 0,
    augmentation: {},
    shuffle: false,
    seed: 0,
  });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    trainer.beginEpoch(); // sets the sum of losses to zero
    trainer.start(1);
    losses.push((await trainer.progress()).metrics.loss);
  }
  trainer.close();

  const furthest = Math.max(...losses.map((loss, step) => Math.abs(loss - expected[step])));
  console.log(
    `loss ${losses[0].toFixed(4)} to ${losses.at(-1)!.toFixed(4)}, at most ${
      furthest.toExponential(1)
    } apart`,
  );
  expected.forEach((loss, step) => assertAlmostEquals(losses[step], loss, 1e-3, `step ${step}`));
});
