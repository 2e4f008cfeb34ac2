/** The worked example's training step in jax-js, for comparison. */
import {
  type Array,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  valueAndGrad,
} from "@jax-js/jax";
import type { Peer } from "./peer.ts";

/** Opens jax-js on a device (`webgpu` or `wasm`) with the network, Adam and one batch; channels come first. */
export async function jaxPeer(device: "webgpu" | "wasm", batch: number): Promise<Peer> {
  await init(device);
  defaultDevice(device);
  const shapes = [
    [32, 3, 3, 3],
    [32],
    [64, 32, 3, 3],
    [64],
    [64, 64, 3, 3],
    [64],
    [1024, 64],
    [64],
    [64, 10],
    [10],
  ];
  const draw = (shape: number[], seed: number) => {
    const fan = shape.reduce((a, b) => a * b, 1) / shape[0] + shape[0];
    const limit = shape.length === 1 ? 0 : Math.sqrt(6 / fan);
    return random.uniform(random.key(seed), shape).mul(2 * limit).sub(limit);
  };
  const bias = (b: Array) => b.reshape([1, -1, 1, 1]);
  const conv = (x: Array, w: Array, b: Array) => nn.relu(lax.conv(x, w, [1, 1], "VALID").add(bias(b)));
  const pool = (x: Array) => lax.reduceWindow(x, np.max, [1, 1, 2, 2], [1, 1, 2, 2]);
  const loss = (weights: Array[], images: Array, labels: Array): Array => {
    const [w1, b1, w2, b2, w3, b3, w4, b4, w5, b5] = weights;
    const features = conv(pool(conv(pool(conv(images, w1, b1)), w2, b2)), w3, b3);
    const hidden = nn.relu(np.dot(features.reshape([batch, 1024]), w4).add(b4));
    return nn.logSoftmax(np.dot(hidden, w5).add(b5)).mul(labels).sum().mul(-1 / batch);
  };
  const step = jit((weights: Array[], means: Array[], squares: Array[], images: Array, labels: Array) => {
    const [value, gradients] = valueAndGrad(loss)(weights.map((w) => w.ref), images, labels) as [
      Array,
      Array[],
    ];
    const mean = means.map((m, i) => m.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const square = squares.map((v, i) => v.mul(0.999).add(gradients[i].ref.mul(gradients[i]).mul(0.001)));
    const next = weights.map((w, i) => w.sub(mean[i].ref.mul(0.001).div(np.sqrt(square[i].ref).add(1e-7))));
    return [value, next, mean, square] as const;
  });
  let weights = shapes.map(draw);
  let means = shapes.map((shape) => np.zeros(shape));
  let squares = shapes.map((shape) => np.zeros(shape));
  const images = random.uniform(random.key(99), [batch, 3, 32, 32]);
  const labels = nn.oneHot(np.array(Int32Array.from({ length: batch }, (_, i) => i % 10)), 10);
  return {
    name: `jax-js, ${device}`,
    run: async (steps) => {
      let last: Array | undefined;
      for (let i = 0; i < steps; i++) {
        last?.dispose();
        const [value, ...state] = step(weights, means, squares, images.ref, labels.ref);
        [weights, means, squares] = state as [Array[], Array[], Array[]];
        last = value;
      }
      const [loss] = await last!.data();
      // Arrays are computed when they are needed: the last step is done when what it changed is there, too.
      await weights[9].ref.data();
      return loss;
    },
    close: () => {
      for (const array of [...weights, ...means, ...squares, images, labels]) array.dispose();
      step.dispose();
    },
  };
}
