/** The worked example's training step in TensorFlow.js, for comparison. */
import * as tf from "@tensorflow/tfjs-core";
// The layers package is what registers gradients under Deno.
import "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-cpu";
import type { Peer } from "./peer.ts";

/** Opens TensorFlow.js on a backend (`webgpu` or `cpu`) with the network, Adam and one batch. */
export async function tfjsPeer(backend: string, batch: number): Promise<Peer> {
  await tf.setBackend(backend);
  await tf.ready();
  const weight = (...shape: number[]) => {
    const fan = shape.reduce((a, b) => a * b, 1) / shape[shape.length - 1] + shape[shape.length - 1];
    return tf.variable(tf.randomUniform(shape, -Math.sqrt(6 / fan), Math.sqrt(6 / fan)));
  };
  const bias = (n: number) => tf.variable(tf.zeros([n]));
  const [w1, b1, w2, b2] = [weight(3, 3, 3, 32), bias(32), weight(3, 3, 32, 64), bias(64)];
  const [w3, b3, w4, b4] = [weight(3, 3, 64, 64), bias(64), weight(1024, 64), bias(64)];
  const [w5, b5] = [weight(64, 10), bias(10)];
  const optimizer = tf.train.adam(0.001);
  const images = tf.randomUniform([batch, 32, 32, 3]) as tf.Tensor4D;
  const labels = tf.oneHot(tf.randomUniform([batch], 0, 10, "int32"), 10);
  const conv = (x: tf.Tensor4D, w: tf.Tensor, b: tf.Tensor) =>
    tf.relu(tf.add(tf.conv2d(x, w as tf.Tensor4D, 1, "valid"), b)) as tf.Tensor4D;
  const loss = () => {
    let x = tf.maxPool(conv(images, w1, b1), 2, 2, "valid");
    x = tf.maxPool(conv(x, w2, b2), 2, 2, "valid");
    const flat = tf.reshape(conv(x, w3, b3), [batch, 1024]);
    const hidden = tf.relu(tf.add(tf.matMul(flat, w4 as unknown as tf.Tensor2D), b4));
    const logits = tf.add(tf.matMul(hidden as tf.Tensor2D, w5 as unknown as tf.Tensor2D), b5);
    return tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar;
  };
  return {
    name: `TensorFlow.js ${tf.version_core}, ${backend}`,
    run: async (steps) => {
      // Another run may have set another one.
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      for (let i = 1; i < steps; i++) optimizer.minimize(loss);
      const last = optimizer.minimize(loss, true)!;
      const [number] = await last.data();
      last.dispose();
      return number;
    },
    close: () => tf.disposeVariables(),
  };
}
