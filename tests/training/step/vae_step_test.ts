/** A variational autoencoder as a person would write it (https://arxiv.org/abs/1312.6114), on tiny pictures of bars. */
import { assert } from "@std/assert";
import {
  adam,
  Dataset,
  ndarray,
  numbers,
  parameters,
  predict,
  sequential,
  type Tensor,
  tensor,
  train,
  trainStep,
} from "../../../mod.ts";
import { add, binaryCrossEntropy, exp, mul, sigmoid, split, square, sub, sum } from "../../../ops/mod.ts";
import { dense } from "../../../models/layers/mod.ts";
import { compute } from "../../../devices/program.ts";
import { cpu } from "../../devices.ts";

const SIZE = 6;
const LATENT = 3;

/** Pictures with one bar: at each row and each column, some copies of each. Not a multiple of the batch size. */
function bars(copies: number): Dataset {
  const pictures = Array.from({ length: 2 * SIZE * copies }, (_, i) => {
    const at = i % SIZE;
    const isRow = Math.floor(i / SIZE) % 2 === 0;
    return Array.from({ length: SIZE * SIZE }, (_, p) => {
      return (isRow ? Math.floor(p / SIZE) : p % SIZE) === at ? 255 : 0;
    });
  });
  const values = ndarray("uint8", [pictures.length, SIZE * SIZE], pictures.flat());
  return new Dataset({ fields: { picture: numbers(values) }, name: "bars" });
}

const { device } = cpu;

Deno.test("a variational autoencoder learns to draw bars", async () => {
  const optimizer = adam(0.01);
  const encoder = sequential([
    dense({ units: 32, activation: "relu" }),
    dense({ units: 2 * LATENT }),
  ], { inputShape: [SIZE * SIZE], name: "encoder", seed: 1 });
  const decoder = sequential([
    dense({ units: 32, activation: "relu" }),
    dense({ units: SIZE * SIZE }),
  ], { inputShape: [LATENT], name: "decoder", seed: 2 });
  const [E, D] = [parameters(encoder, { optimizer }), parameters(decoder, { optimizer })];

  const losses = (picture: Tensor, noise: Tensor) => {
    const [middle, spread] = split(E.apply(picture), 2, 1);
    const code = add(middle, mul(exp(mul(spread, 0.5)), noise));
    const drawn = sum(binaryCrossEntropy(D.apply(code), picture), 1);
    const divergence = mul(sum(sub(add(square(middle), exp(spread)), add(spread, 1)), 1), 0.5);
    return { loss: add(drawn, divergence), drawn, divergence };
  };
  const step = trainStep(({ batch, random }) => {
    const noise = random.normal([batch.picture.shape[0], LATENT]);
    const metrics = losses(batch.picture, noise);
    return { minimize: [[metrics.loss, E], [metrics.loss, D]], metrics };
  }, {
    evaluate: ({ batch, random }) => {
      const noise = random.normal([batch.picture.shape[0], LATENT]);
      return losses(batch.picture, noise);
    },
  });

  const history = await train(step, bars(7), { epochs: 120, batchSize: 16, device, validation: bars(1) });
  const [first, last] = [history[0], history.at(-1)!];
  assert(last.loss < first.loss && last.validationLoss < first.validationLoss);
  assert(Math.abs(last.loss - last.drawn - last.divergence) < 1e-3, "the parts make the whole");

  // A bar that was never seen as the middle of its code is drawn again.
  const all = bars(1).fields.picture.values;
  const input = ndarray("float32", all.shape, Array.from(all.data, (byte) => byte / 255));
  const codes = await predict(encoder, input, { device });
  const middles = Array.from({ length: 2 * SIZE * LATENT }, (_, i) => {
    return codes.data[Math.floor(i / LATENT) * 2 * LATENT + i % LATENT];
  });
  const again = await predict(decoder, ndarray("float32", [2 * SIZE, LATENT], middles), { device });
  const pixels = await compute(sigmoid(tensor(again)));
  const right = pixels.data.filter((pixel, i) => (pixel > 0.5) === (input.data[i] > 0.5)).length;
  assert(right > 0.9 * pixels.data.length, `${right} of ${pixels.data.length} pixels are right`);
});
