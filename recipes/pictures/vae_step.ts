/** What a variational autoencoder minimizes, and how its likelihood is estimated. */
import type { Tensor } from "../../engine/tensor.ts";
import { bernoulliLoss, logisticLoss } from "../../models/likelihood.ts";
import type { Model } from "../../models/model.ts";
import { vaeParts } from "../../models/vae.ts";
import {
  add,
  cast,
  div,
  exp,
  less,
  logSumExp,
  minimum,
  mul,
  neg,
  repeat,
  reshape,
  square,
  sub,
  sum,
} from "../../ops/mod.ts";
import type { RandomSource } from "../../ops/random/random.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { parameters, type ParameterUse } from "../../training/step/parameters.ts";
import { type TrainStep, trainStep } from "../../training/step/train_step.ts";

/** How pixels are said: each on or off, or a byte. */
export type Likelihood = "bernoulli" | "logistic";

/** What an encoder says of a latent. */
interface Gaussian {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

const lossOf = (likelihood: Likelihood) => likelihood === "bernoulli" ? bernoulliLoss : logisticLoss;

/** A latent drawn from what the encoder says of it. */
const drawn = ({ mean, logVariance }: Gaussian, random: RandomSource): Tensor =>
  add(mean, mul(exp(mul(logVariance, 0.5)), random.normal(mean.shape)));

/** How far what the encoder says is from a standard normal distribution, in nats, `[batch]`. */
const divergenceOf = ({ mean, logVariance }: Gaussian): Tensor =>
  mul(sum(sub(add(square(mean), exp(logVariance)), add(logVariance, 1)), [1]), 0.5);

/** How a variational autoencoder is trained; to measure one, the likelihood is enough. */
export interface VaeTraining {
  readonly likelihood: Likelihood;
  readonly optimizer?: Optimizer;
  /** What the divergence counts; more makes latents more alike, less makes pictures sharper; 1 when left out. */
  readonly beta?: number;
  /** Steps in which it rises to that; 0 when left out. */
  readonly warmUp?: number;
}

/** Pictures as they are likely or not: pixels that can only be on or off are on with a probability of their brightness. */
const drawnPixels = (image: Tensor, likelihood: Likelihood, random: RandomSource): Tensor =>
  likelihood === "bernoulli" ? cast(less(random.uniform(image.shape), image), "float32") : image;

/** The step: the negative lower bound of the log likelihood, in nats a picture, with `reconstruction` and `divergence` apart. */
export function vaeStep(
  model: Model,
  { likelihood, optimizer, beta = 1, warmUp = 0 }: VaeTraining,
): TrainStep {
  const parts = vaeParts(model);
  const E = parameters(parts.encoder, { optimizer });
  const D = parameters(parts.decoder, { optimizer });
  const nats = (given: Tensor, random: RandomSource) => {
    const image = drawnPixels(given, likelihood, random);
    const gaussian = E.outputs(image) as unknown as Gaussian;
    const reconstruction = lossOf(likelihood)(D.apply(drawn(gaussian, random)), image);
    return { reconstruction, divergence: divergenceOf(gaussian) };
  };
  return trainStep(({ batch, random, step }) => {
    const { reconstruction, divergence } = nats(batch.image, random);
    const rise = warmUp > 0 ? minimum(div(cast(step, "float32"), warmUp), 1) : 1;
    const loss = add(reconstruction, mul(divergence, mul(rise, beta)));
    return {
      minimize: [[loss, E], [loss, D]],
      metrics: { loss: add(reconstruction, divergence), reconstruction, divergence },
    };
  }, {
    evaluate: ({ batch, random }) => {
      const { reconstruction, divergence } = nats(batch.image, random);
      return { loss: add(reconstruction, divergence), reconstruction, divergence };
    },
  });
}

/**
 * A step that only measures `nats`: the negative log likelihood by `samples` latents for each picture, which is nearer to the truth than the
 * lower bound, the more there are. Source: https://arxiv.org/abs/1509.00519
 */
export function importanceWeighted(model: Model, likelihood: Likelihood, samples: number): TrainStep {
  const parts = vaeParts(model);
  const [E, D] = [parameters(parts.encoder), parameters(parts.decoder)];
  return trainStep(() => ({ minimize: [] }), {
    evaluate: ({ batch, random }) => ({ nats: weighted(E, D, batch.image, random, likelihood, samples) }),
  });
}

function weighted(
  E: ParameterUse,
  D: ParameterUse,
  given: Tensor,
  random: RandomSource,
  likelihood: Likelihood,
  samples: number,
): Tensor {
  const image = drawnPixels(given, likelihood, random);
  const [batch] = image.shape;
  const { mean, logVariance } = E.outputs(image);
  const many = { mean: repeat(mean, samples, 0), logVariance: repeat(logVariance, samples, 0) };
  const noise = random.normal(many.mean.shape);
  const latent = add(many.mean, mul(exp(mul(many.logVariance, 0.5)), noise));
  // log p(x | z) + log p(z) - log q(z | x); what both densities have in common is gone.
  const prior = mul(sum(square(latent), [1]), -0.5);
  const posterior = mul(sum(add(square(noise), many.logVariance), [1]), -0.5);
  const loss = lossOf(likelihood)(D.apply(latent), repeat(image, samples, 0));
  const weights = reshape(sub(sub(prior, posterior), loss), [batch, samples]);
  return neg(sub(logSumExp(weights, 1), Math.log(samples)));
}
