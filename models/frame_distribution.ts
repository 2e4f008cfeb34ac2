/** How a frame of a sound is distributed: for each band a normal distribution, with its mean and its deviation. */
import type { Tensor } from "../engine/tensor.ts";
import { add, div, log, mean, mul, type RandomSource, slice, softplus, square, sub } from "../ops/mod.ts";

/** The least deviation: none is so sure that one frame in training decides all. */
const LEAST_DEVIATION = 0.05;
const LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;

/** How many numbers describe what is expected of a frame. */
export const expectedWidth = (bands: number): number => 2 * bands;

/** Takes apart what {@linkcode soundRnn} gives. */
function distributionOf(expected: Tensor): { means: Tensor; deviations: Tensor } {
  const outer = expected.shape.slice(0, -1);
  const bands = expected.shape.at(-1)! / 2;
  const part = (start: number) => slice(expected, [...outer.map(() => 0), start], [...outer, bands]);
  return { means: part(0), deviations: add(softplus(part(bands)), LEAST_DEVIATION) };
}

/**
 * How surprising frames are: nats a band, the mean over all bands.
 *
 * @param expected What {@linkcode soundRnn} gives, `[batch, frames, 2 bands]`.
 * @param frames The frames that there are, `[batch, frames, bands]`.
 * @returns `[batch, frames]`.
 */
export function frameLoss(expected: Tensor, frames: Tensor): Tensor {
  const { means, deviations } = distributionOf(expected);
  const away = div(sub(frames, means), deviations);
  return mean(add(mul(square(away), 0.5), add(log(deviations), LOG_ROOT_TWO_PI)), [-1]);
}

/** Draws frames, `[..., bands]`; with a temperature below 1 nearer to what is most expected. */
export function drawFrame(expected: Tensor, random: RandomSource, temperature: number): Tensor {
  const { means, deviations } = distributionOf(expected);
  return add(means, mul(mul(deviations, temperature), random.normal(means.shape)));
}
