/**
 * Mean and variance over axes, two times through x: a variance that is taken as the mean of squares less the square of the
 * mean loses all digits where the mean is large.
 */
import type { Tensor } from "../../engine/tensor.ts";
import { stopGradient } from "../control/stop_gradient.ts";
import { add } from "../elementwise/add.ts";
import { maximum } from "../elementwise/maximum.ts";
import { square } from "../elementwise/square.ts";
import { sub } from "../elementwise/sub.ts";
import { mean } from "./reduce.ts";

/** The mean over axes, which are kept. */
export const meanOf = (x: Tensor, axes: readonly number[]) => mean(x, axes, { keepDims: true });

/** What sets elements apart from their mean, the mean and the variance over axes, axes kept. */
interface Moments {
  readonly distance: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Equal nodes are one: whoever asks again gets them for nothing.
 *
 * @param average How a mean is taken, where not all elements count.
 */
export function momentsOf(x: Tensor, axes: readonly number[], average = meanOf): Moments {
  // Where numbers are large beside their spread, their mean is off by as much as that: the mean of what is left is taken, too.
  // The results do not depend on where the distances are taken from, so no gradient goes there.
  const near = stopGradient(average(x, axes));
  const rest = sub(x, near);
  const missed = average(rest, axes);
  return {
    distance: sub(rest, missed),
    mean: add(near, missed),
    variance: maximum(sub(average(square(rest), axes), square(missed)), 0),
  };
}
