/** y = x / (1 - rate) with a probability of 1 - rate, else 0 */
import { fraction, shapeKind } from "../../engine/option_kinds.ts";
import { optional, pickOptions, readValue } from "../../engine/options.ts";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { mul } from "../elementwise/mul.ts";
import { where } from "../elementwise/where.ts";
import type { RandomSource } from "./random.ts";

/** Options of {@linkcode dropout}. */
export interface DropoutOptions {
  /** The shape of what is drawn, which is stretched to that of `x`: sizes of 1 where neighbours share their fate. */
  readonly shape?: Shape;
}

/**
 * Sets elements to zero at random, and scales the others up so that the expected sum stays. The layer of this name does so in
 * training. Source: https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @param x float32.
 * @param rate The probability of zero, from 0 up to but without 1.
 * @param random Draws.
 * @throws {RangeError} when the rate is not in that range, or what is drawn does not stretch to `x`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.dropout(ops.ones([100]), 0.5, new ops.RandomSource({ seed: 1 })));
 * assert([...data].every((value) => value === 0 || value === 2));
 * ```
 */
export function dropout(x: Tensor, rate: number, random: RandomSource, options: DropoutOptions = {}): Tensor {
  const attempt = "apply dropout";
  readValue(attempt, "rate", rate, fraction);
  const { shape } = pickOptions(attempt, options, { shape: optional(shapeKind, x.shape as number[]) });
  const common = broadcastShapes(shape, x.shape);
  if (!common || !sameShape(common, x.shape)) {
    throw new RangeError(
      `Cannot ${attempt} to ${formatShape(x.shape)} with draws of ${
        formatShape(shape)
      }: they do not stretch to it`,
    );
  }
  return where(random.bernoulli(shape, 1 - rate), mul(x, 1 / (1 - rate)), 0);
}
