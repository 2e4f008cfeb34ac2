/** The training step of what `train audio` trains, for the clock. */
import { adam, type Device, ndarray, ops, type Shape, type Tensor } from "../mod.ts";
import { type NetStep, netStep } from "./net_step.ts";

/** The back of an audio classifier on batches of 32 clips of 63 frames of 40 bands: 16, 32, 64 filters, batch normalization, Adam. */
export async function audio(device: Device): Promise<NetStep> {
  const [batch, frames, bands, classes] = [32, 63, 40, 10];
  const filters = [1, 16, 32, 64];
  const weights: Record<string, Shape> = {};
  const statistics: Record<string, Shape> = {};
  filters.slice(1).forEach((to, i) => {
    weights[`${i}.weight`] = [3, 3, filters[i], to];
    weights[`${i}.scale`] = weights[`${i}.offset`] = [to];
    statistics[`${i}.mean`] = statistics[`${i}.variance`] = [to];
  });
  Object.assign(weights, { "output.weight": [1280, classes], "output.bias": [classes] });
  const heard = Float32Array.from({ length: batch * frames * bands }, (_, i) => (i * 7919) % 256 / 64 - 2);
  return await netStep(device, {
    weights,
    statistics,
    data: {
      heard: ndarray("float32", [batch, frames, bands, 1], heard),
      labels: ndarray("int32", [batch], Int32Array.from({ length: batch }, (_, i) => i % classes)),
    },
    optimizer: adam(0.001),
    rate: 0.001,
    items: batch,
    unit: "clips",
    loss: ({ weights: w, data, statistics }) => {
      const block = (x: Tensor, i: number) => {
        const y = ops.conv2d(x, w[`${i}.weight`], { padding: "same" });
        const now = ops.moments(y, [0, 1, 2]);
        for (const part of ["mean", "variance"] as const) {
          const old = statistics[`${i}.${part}`];
          statistics[`${i}.${part}`] = ops.add(old, ops.mul(ops.sub(now[part], old), 0.1));
        }
        const options = { scale: w[`${i}.scale`], offset: w[`${i}.offset`] };
        return ops.relu(ops.batchNormalization(y, options));
      };
      const x = block(ops.maxPool2d(block(ops.maxPool2d(block(data.heard, 0)), 1)), 2);
      const overTime = ops.concat([ops.max(x, [1]), ops.mean(x, [1])], 2);
      const logits = ops.add(
        ops.matmul(ops.reshape(overTime, [batch, 1280]), w["output.weight"]),
        w["output.bias"],
      );
      return ops.mean(ops.softmaxCrossEntropy(logits, data.labels));
    },
  });
}
