/** A small causal transformer's training step for the clock. */
import { adam, type Device, ndarray, ops, type Shape, type Tensor } from "../mod.ts";
import { type NetStep, netStep } from "./net_step.ts";

/**
 * A transformer that predicts the next character of 65: 4 layers of 4 heads, 128 wide, 16 texts of 128 characters, GELU
 * in hidden layers of 512, normalized before each part, Adam.
 */
export async function transformer(device: Device): Promise<NetStep> {
  const [layers, heads, width, tokens, batch, characters] = [4, 4, 128, 128, 16, 65];
  const linear = (name: string, from: number, to: number) => ({
    [`${name}.weight`]: [from, to],
    [`${name}.bias`]: [to],
  });
  const norm = (name: string) => ({ [`${name}.scale`]: [width], [`${name}.offset`]: [width] });
  let weights: Record<string, Shape> = { embedding: [characters, width], positions: [tokens, width] };
  for (let i = 0; i < layers; i++) {
    weights = {
      ...weights,
      ...norm(`${i}.first`),
      ...linear(`${i}.attend`, width, 3 * width),
      ...linear(`${i}.join`, width, width),
      ...norm(`${i}.second`),
      ...linear(`${i}.wider`, width, 4 * width),
      ...linear(`${i}.back`, 4 * width, width),
    };
  }
  weights = { ...weights, ...norm("last"), ...linear("output", width, characters) };
  const text = Int32Array.from({ length: batch * (tokens + 1) }, (_, i) => (i * i * 7919) % characters);
  return await netStep(device, {
    weights,
    data: { text: ndarray("int32", [batch, tokens + 1], text) },
    optimizer: adam(),
    rate: 0.001,
    items: batch * tokens,
    unit: "characters",
    loss: ({ weights: w, data }) => {
      const apply = (name: string, x: Tensor) =>
        ops.add(ops.matmul(x, w[`${name}.weight`]), w[`${name}.bias`]);
      const normalize = (name: string, x: Tensor) =>
        ops.layerNormalization(x, { scale: w[`${name}.scale`], offset: w[`${name}.offset`] });
      const [from, to] = [0, 1].map((first) => ops.slice(data.text, [0, first], [batch, tokens]));
      const rows = batch * tokens;
      let x = ops.reshape(ops.add(ops.gather(w.embedding, from), w.positions), [rows, width]);
      for (let i = 0; i < layers; i++) {
        const parts = ops.reshape(apply(`${i}.attend`, normalize(`${i}.first`, x)), [
          batch,
          tokens,
          3,
          heads,
          width / heads,
        ]);
        const [q, k, v] = [0, 1, 2].map((part) =>
          ops.transpose(
            ops.reshape(ops.slice(parts, [0, 0, part, 0, 0], [batch, tokens, 1, heads, width / heads]), [
              batch,
              tokens,
              heads,
              width / heads,
            ]),
            [0, 2, 1, 3],
          )
        );
        const seen = ops.transpose(ops.scaledDotProductAttention(q, k, v, { causal: true }), [0, 2, 1, 3]);
        x = ops.add(x, apply(`${i}.join`, ops.reshape(seen, [rows, width])));
        x = ops.add(x, apply(`${i}.back`, ops.gelu(apply(`${i}.wider`, normalize(`${i}.second`, x)))));
      }
      return ops.mean(
        ops.softmaxCrossEntropy(apply("output", normalize("last", x)), ops.reshape(to, [rows])),
      );
    },
  });
}
