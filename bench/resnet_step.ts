/** A small residual network's training step for the clock. */
import { type Device, ndarray, ops, sgd, type Shape, type Tensor } from "../mod.ts";
import { type NetStep, netStep } from "./net_step.ts";

/** ResNet-9 on images of 32 x 32 x 3 in batches of 128: 16 to 128 channels, batch normalization, SGD with momentum. */
export async function resnet(device: Device): Promise<NetStep> {
  const batch = 128;
  // Name, channels in and out, and how large a pool comes behind it.
  const convolutions = [
    ["first", 3, 16, 1],
    ["second", 16, 32, 2],
    ["third", 32, 32, 1],
    ["fourth", 32, 32, 1],
    ["fifth", 32, 64, 2],
    ["sixth", 64, 128, 2],
    ["seventh", 128, 128, 1],
    ["eighth", 128, 128, 1],
  ] as const;
  const weights: Record<string, Shape> = {};
  const statistics: Record<string, Shape> = {};
  for (const [name, from, to] of convolutions) {
    weights[`${name}.weight`] = [3, 3, from, to];
    weights[`${name}.scale`] = weights[`${name}.offset`] = [to];
    statistics[`${name}.mean`] = statistics[`${name}.variance`] = [to];
  }
  Object.assign(weights, { "output.weight": [128, 10], "output.bias": [10] });
  const images = Float32Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => (i * 7919) % 256 / 256);
  return await netStep(device, {
    weights,
    statistics,
    data: {
      images: ndarray("float32", [batch, 32, 32, 3], images),
      labels: ndarray("int32", [batch], Int32Array.from({ length: batch }, (_, i) => i % 10)),
    },
    optimizer: sgd(0.01, { momentum: 0.9 }),
    rate: 0.01,
    items: batch,
    unit: "images",
    loss: ({ weights: w, data, statistics }) => {
      const block = (x: Tensor, i: number) => {
        const [name, , , pool] = convolutions[i];
        const y = ops.conv2d(x, w[`${name}.weight`], { padding: "same" });
        const now = ops.moments(y, [0, 1, 2]);
        for (const part of ["mean", "variance"] as const) {
          const old = statistics[`${name}.${part}`];
          statistics[`${name}.${part}`] = ops.add(old, ops.mul(ops.sub(now[part], old), 0.1));
        }
        const z = ops.relu(
          ops.batchNormalization(y, { scale: w[`${name}.scale`], offset: w[`${name}.offset`] }),
        );
        return pool > 1 ? ops.maxPool2d(z, { poolSize: pool }) : z;
      };
      let x = block(block(data.images, 0), 1);
      x = ops.add(x, block(block(x, 2), 3));
      x = block(block(x, 4), 5);
      x = ops.add(x, block(block(x, 6), 7));
      const logits = ops.add(ops.matmul(ops.max(x, [1, 2]), w["output.weight"]), w["output.bias"]);
      return ops.mean(ops.softmaxCrossEntropy(logits, data.labels));
    },
  });
}
