/** Optimizers: SGD, Adam, AdamW, RMSprop. */
import { flag, fraction, from } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { add, div, expm1, greater, mul, neg, sqrt, square, sub, where } from "../../ops/mod.ts";
import type { Optimizer, UpdateInput, UpdateOutput } from "./optimizer.ts";
import { describeSchedule, type Schedule, scheduleKind } from "./schedules.ts";

/** A running mean: what part of the old value stays, and the new value. The part that does not stay is exact. */
const follow = (old: Tensor, now: Tensor, keep: number) => add(old, mul(sub(now, old), 1 - keep));

/** `1 - keep^step`: how much of a running mean that began at zero is values, exact also where `keep` is nearly one. */
const filled = (keep: number, step: Tensor) => neg(expm1(mul(step, Math.log(keep))));

/**
 * A move divided by the size of the gradients. Where no gradient ever was and nothing is added to that size, there is no move;
 * the padding of a block is such a place. Sizes that are no normal numbers count as zero, as they do on some devices.
 */
function perSize(move: Tensor, size: Tensor, epsilon: number): Tensor {
  if (epsilon >= 2 ** -126) return div(move, size);
  const isSome = greater(size, 2 ** -126);
  return where(isSome, div(move, where(isSome, size, 1)), 0);
}

/** The weights after decay, which does not go through the gradient (https://arxiv.org/abs/1711.05101). */
function decayed({ weights, decays, learningRate }: UpdateInput, weightDecay: number): Tensor {
  return decays ? sub(weights, mul(weights, mul(decays, mul(learningRate, weightDecay)))) : weights;
}

type Numbers = Record<string, number | boolean>;

/** A name with the rate and those numbers that are not the usual ones. */
function describe(name: string, rate: Schedule, numbers: Numbers, usual: Numbers): string {
  const parts = Object.entries(numbers).filter(([key, value]) => value !== usual[key]);
  return `${name}(${[describeSchedule(rate), ...parts.map(([key, value]) => `${key} ${value}`)].join(", ")})`;
}

/** Options of {@linkcode sgd}. */
export interface SgdOptions {
  /** What part of the last move goes on; 0 when left out. */
  readonly momentum?: number;
  /** Whether the gradient is taken as if the move had been made already. */
  readonly nesterov?: boolean;
  /** See {@linkcode Optimizer.weightDecay}; 0 when left out. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum if asked for.
 *
 * @throws {RangeError} when momentum is not from 0 up to but without 1, or weight decay is below 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sgd } from "@gesso/gesso";
 *
 * assertEquals(sgd(0.1, { momentum: 0.9 }).description, "sgd(0.1, momentum 0.9)");
 * ```
 */
export function sgd(learningRate: Schedule = 0.01, options: SgdOptions = {}): Optimizer {
  const usual = { momentum: 0, nesterov: false, weightDecay: 0 };
  readValue("make sgd", "learningRate", learningRate, scheduleKind);
  const { momentum, nesterov, weightDecay } = readOptions("make sgd", options, {
    momentum: optional(fraction, usual.momentum),
    nesterov: optional(flag, usual.nesterov),
    weightDecay: optional(from(0), usual.weightDecay),
  });
  return {
    description: describe("sgd", learningRate, { momentum, nesterov, weightDecay }, usual),
    learningRate,
    weightDecay,
    slots: momentum > 0 ? ["velocity"] : [],
    update: (input): UpdateOutput => {
      const { gradient, slots, learningRate } = input;
      const start = decayed(input, weightDecay);
      if (momentum === 0) return { weights: sub(start, mul(gradient, learningRate)), slots: {} };
      const velocity = add(mul(slots.velocity, momentum), gradient);
      const move = nesterov ? add(mul(velocity, momentum), gradient) : velocity;
      return { weights: sub(start, mul(move, learningRate)), slots: { velocity } };
    },
  };
}

/** Options of {@linkcode adam} and {@linkcode adamW}. */
export interface AdamOptions {
  /** What part of the running mean of gradients stays; 0.9 when left out. */
  readonly beta1?: number;
  /** What part of the running mean of squared gradients stays; 0.999 when left out. */
  readonly beta2?: number;
  /**
   * Added to the root of the latter, before it is corrected for its beginning, as in Keras (its "epsilon hat"; PyTorch adds it
   * afterwards); 1e-7 when left out.
   */
  readonly epsilon?: number;
  /** See {@linkcode Optimizer.weightDecay}; 0 for adam and 0.004 for adamW when left out. */
  readonly weightDecay?: number;
}

function adamLike(name: string, learningRate: Schedule, options: AdamOptions, decay: number): Optimizer {
  const usual = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };
  readValue(`make ${name}`, "learningRate", learningRate, scheduleKind);
  const { beta1, beta2, epsilon, weightDecay } = readOptions(`make ${name}`, options, {
    beta1: optional(fraction, usual.beta1),
    beta2: optional(fraction, usual.beta2),
    epsilon: optional(from(0), usual.epsilon),
    weightDecay: optional(from(0), decay),
  });
  return {
    description: describe(name, learningRate, { beta1, beta2, epsilon, weightDecay }, usual),
    learningRate,
    weightDecay,
    slots: ["mean", "square"],
    update: (input): UpdateOutput => {
      const { gradient, slots, step, learningRate } = input;
      const mean = follow(slots.mean, gradient, beta1);
      const squares = follow(slots.square, square(gradient), beta2);
      // The running means begin at zero, so they are too small at first.
      const rate = div(mul(learningRate, sqrt(filled(beta2, step))), filled(beta1, step));
      const move = perSize(mul(mean, rate), add(sqrt(squares), epsilon), epsilon);
      const weights = sub(decayed(input, weightDecay), move);
      return { weights, slots: { mean, square: squares } };
    },
  };
}

/**
 * Adam (https://arxiv.org/abs/1412.6980), with the defaults of Keras.
 *
 * @throws {RangeError} when a beta is not from 0 up to but without 1, or epsilon or weight decay is below 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam } from "@gesso/gesso";
 *
 * assertEquals(adam().description, "adam(0.001)");
 * ```
 */
export function adam(learningRate: Schedule = 0.001, options: AdamOptions = {}): Optimizer {
  return adamLike("adam", learningRate, options, 0);
}

/**
 * Adam with weight decay that does not go through the gradient (https://arxiv.org/abs/1711.05101).
 *
 * @throws {RangeError} as {@linkcode adam} does.
 */
export function adamW(learningRate: Schedule = 0.001, options: AdamOptions = {}): Optimizer {
  return adamLike("adamW", learningRate, options, 0.004);
}

/** Options of {@linkcode rmsprop}. */
export interface RmspropOptions {
  /** What part of the running mean of squared gradients stays; 0.9 when left out. */
  readonly rho?: number;
  /** What part of the last move goes on; 0 when left out. */
  readonly momentum?: number;
  /** Added to the running mean, under the root, as in Keras (PyTorch adds it to the root); 1e-7 when left out. */
  readonly epsilon?: number;
  /** See {@linkcode Optimizer.weightDecay}; 0 when left out. */
  readonly weightDecay?: number;
}

/**
 * RMSprop (Tieleman and Hinton, 2012), with the defaults of Keras.
 *
 * @throws {RangeError} when rho or momentum is not from 0 up to but without 1, or epsilon or weight decay is below 0.
 */
export function rmsprop(learningRate: Schedule = 0.001, options: RmspropOptions = {}): Optimizer {
  const usual = { rho: 0.9, momentum: 0, epsilon: 1e-7, weightDecay: 0 };
  readValue("make rmsprop", "learningRate", learningRate, scheduleKind);
  const { rho, momentum, epsilon, weightDecay } = readOptions("make rmsprop", options, {
    rho: optional(fraction, usual.rho),
    momentum: optional(fraction, usual.momentum),
    epsilon: optional(from(0), usual.epsilon),
    weightDecay: optional(from(0), usual.weightDecay),
  });
  return {
    description: describe("rmsprop", learningRate, { rho, momentum, epsilon, weightDecay }, usual),
    learningRate,
    weightDecay,
    slots: momentum > 0 ? ["square", "velocity"] : ["square"],
    update: (input): UpdateOutput => {
      const { gradient, slots, learningRate } = input;
      const squares = follow(slots.square, square(gradient), rho);
      const move = perSize(mul(gradient, learningRate), sqrt(add(squares, epsilon)), epsilon);
      const start = decayed(input, weightDecay);
      if (momentum === 0) return { weights: sub(start, move), slots: { square: squares } };
      const velocity = add(mul(slots.velocity, momentum), move);
      return { weights: sub(start, velocity), slots: { square: squares, velocity } };
    },
  };
}
