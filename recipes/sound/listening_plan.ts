/** How classifiers of sounds are trained. */
import type { Precision } from "../../models/precision.ts";
import type { FitOptions } from "../../training/fit/fit.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { oneCycle } from "../../training/optimizers/schedules.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";

/** How many sounds are heard in a training, if that takes no fewer and no more epochs than these. */
const HEARD = 60_000;
const [FEWEST_EPOCHS, MOST_EPOCHS] = [12, 60];

/** A way to train. */
export interface ListeningPlan {
  readonly epochs: number;
  readonly batchSize: number;
  /** In words. */
  readonly method: string;
  /** What goes to `fit`, but for the seed. */
  readonly fit: FitOptions & { readonly optimizer: Optimizer };
}

/** What may be asked for. */
export interface ListeningOptions {
  readonly epochs?: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly precision: Precision;
}

/** How a classifier is trained on so many sounds. */
export function listeningPlan(sounds: number, options: ListeningOptions): ListeningPlan {
  const { batchSize, learningRate, precision } = options;
  const times = Math.round(HEARD / sounds);
  const epochs = options.epochs ?? Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, times));
  const optimizer = adam(oneCycle(learningRate, { rise: 0.25 }));
  const average = 0.98;
  return {
    epochs,
    batchSize,
    method: `${optimizer.description}, weights averaged`,
    fit: { epochs, batchSize, optimizer, average, precision },
  };
}
