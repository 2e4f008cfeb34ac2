/** How a frame of a sound is distributed: one of several normal distributions, each with a mean and a deviation for every band. */
import type { Tensor } from "../engine/tensor.ts";
import {
  add,
  argMax,
  div,
  expandDims,
  log,
  logSoftmax,
  logSumExp,
  mul,
  neg,
  oneHot,
  type RandomSource,
  reshape,
  slice,
  softplus,
  square,
  sub,
  sum,
} from "../ops/mod.ts";

/** The least deviation: none is so sure that one frame in training decides all. */
const LEAST_DEVIATION = 0.05;
const LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;

/** How many numbers describe what is expected of a frame. */
export const mixtureWidth = (bands: number, mixtures: number): number => mixtures * (2 * bands + 1);

interface Mixture {
  /** Logarithms of how likely each distribution is, `[..., mixtures]`. */
  readonly chances: Tensor;
  /** `[..., mixtures, bands]`. */
  readonly means: Tensor;
  /** `[..., mixtures, bands]`. */
  readonly deviations: Tensor;
}

/** Takes apart what {@linkcode soundRnn} gives. */
function mixtureOf(expected: Tensor, bands: number): Mixture {
  const outer = expected.shape.slice(0, -1);
  const mixtures = expected.shape.at(-1)! / (2 * bands + 1);
  const part = (start: number, count: number) =>
    slice(expected, [...outer.map(() => 0), start], [...outer, count]);
  const shape = [...outer, mixtures, bands];
  return {
    chances: logSoftmax(part(0, mixtures)),
    means: reshape(part(mixtures, mixtures * bands), shape),
    deviations: add(
      softplus(reshape(part(mixtures * (1 + bands), mixtures * bands), shape)),
      LEAST_DEVIATION,
    ),
  };
}

/**
 * How surprising frames are: nats a band, the mean over all bands.
 *
 * @param expected What {@linkcode soundRnn} gives, `[batch, frames, ...]`.
 * @param frames The frames that there are, `[batch, frames, bands]`.
 * @returns `[batch, frames]`.
 */
export function frameLoss(expected: Tensor, frames: Tensor): Tensor {
  const bands = frames.shape.at(-1)!;
  const { chances, means, deviations } = mixtureOf(expected, bands);
  const away = div(sub(expandDims(frames, -2), means), deviations);
  const each = sub(neg(mul(square(away), 0.5)), add(log(deviations), LOG_ROOT_TWO_PI));
  return neg(div(logSumExp(add(chances, sum(each, [-1])), [-1]), bands));
}

/** Draws frames, `[..., bands]`; with a temperature below 1 nearer to what is most expected. */
export function drawFrame(
  expected: Tensor,
  bands: number,
  random: RandomSource,
  temperature: number,
): Tensor {
  const { chances, means, deviations } = mixtureOf(expected, bands);
  const mixtures = chances.shape.at(-1)!;
  // The largest of logarithms of chances, each with noise of Gumbel's distribution, is drawn with those chances.
  const noise = neg(log(neg(log(random.uniform(chances.shape, { low: 1e-7, high: 1 })))));
  const which = argMax(add(div(chances, Math.max(temperature, 1e-4)), noise), -1);
  const chosen = expandDims(oneHot(which, mixtures), -1);
  const only = (values: Tensor) => sum(mul(values, chosen), [-2]);
  const mean = only(means);
  return add(mean, mul(mul(only(deviations), temperature), random.normal(mean.shape)));
}
