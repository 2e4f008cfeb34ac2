/** A Wasserstein GAN with gradient penalty as a person would write it (https://arxiv.org/abs/1704.00028), on points. */
import { assert } from "@std/assert";
import {
  adam,
  compute,
  Dataset,
  grad,
  ndarray,
  numbers,
  parameters,
  predict,
  sequential,
  train,
  trainStep,
} from "../../../mod.ts";
import { add, mean, mul, neg, randomNormal, sqrt, square, stopGradient, sub, sum } from "../../../ops/mod.ts";
import { dense } from "../../../models/layers/mod.ts";
import { cpu } from "../../devices.ts";

const BATCH = 32;
const LATENT = 4;

/** 256 points around (2, -1), close together along one axis. */
function points(): Float32Array {
  const next = (i: number) => Math.sin(i * 12.9898) * 43758.5453 % 1;
  return Float32Array.from(
    { length: 512 },
    (_, i) => i % 2 === 0 ? 2 + 0.5 * next(i) : -1 + 0.1 * next(i),
  );
}

const data = new Dataset({ fields: { point: numbers(ndarray("float32", [256, 2], points())) } });

const { device } = cpu;

Deno.test("a WGAN with gradient penalty learns where points are", async () => {
  const optimizer = adam(0.005, { beta1: 0, beta2: 0.9 });
  const generator = sequential([
    dense({ units: 16, activation: "relu" }),
    dense({ units: 2 }),
  ], { inputShape: [LATENT], name: "generator", seed: 1 });
  const critic = sequential([
    dense({ units: 16, activation: "tanh" }),
    dense({ units: 1 }),
  ], { inputShape: [2], name: "critic", seed: 2 });
  const G = parameters(generator, { optimizer, average: 0.9 });
  const D = parameters(critic, { optimizer });

  const step = trainStep(({ batch, random }) => {
    const real = batch.point;
    const fake = G.apply(random.normal([BATCH, LATENT]));
    const seen = stopGradient(fake);
    // The critic's slope between real and made points is to be 1.
    const part = random.uniform([BATCH, 1]);
    const between = add(mul(real, part), mul(seen, sub(1, part)));
    const [slope] = grad(sum(D.apply(between)), [between]);
    const length = sqrt(add(sum(square(slope), 1), 1e-12));
    const penalty = mean(square(sub(length, 1)));
    const distance = sub(mean(D.apply(real)), mean(D.apply(seen)));
    const lossD = add(neg(distance), mul(penalty, 10));
    const lossG = neg(mean(D.apply(fake)));
    return {
      minimize: [[lossD, D], [lossG, G, { every: 5 }]],
      metrics: { distance, penalty, lossG },
    };
  });

  const history = await train(step, data, { epochs: 300, batchSize: BATCH, device, seed: 3 });
  assert(history.every((record) => Number.isFinite(record.lossG)));

  const noise = await compute(randomNormal([200, LATENT], { seed: 9 }), device);
  const { data: made } = await predict(generator, noise, { device });
  const middle = [0, 1].map((axis) => made.filter((_, i) => i % 2 === axis).reduce((a, b) => a + b) / 200);
  assert(Math.hypot(middle[0] - 2, middle[1] + 1) < 0.5, `made points lie around ${middle}`);
  assert(history.at(-1)!.penalty < history[0].penalty);
});
