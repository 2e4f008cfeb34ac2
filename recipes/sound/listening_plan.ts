/** How classifiers of sounds are trained. */
import type { Precision } from "../../models/precision.ts";
import type { FitBatch } from "../../training/fit/fit_step.ts";
import { accuracy } from "../../training/metrics/metrics.ts";
import { add, mul, softmaxCrossEntropy } from "../../ops/mod.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { FitOptions } from "../../training/fit/fit.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { oneCycle } from "../../training/optimizers/schedules.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";

/** How many sounds are heard in a training, if that takes no fewer and no more epochs than these. */
const HEARD = 60_000;
const [FEWEST_EPOCHS, MOST_EPOCHS] = [12, 60];

/** Where there are fewer sounds than these, several networks hear them side by side. */
const FEW = 500;
const MEMBERS = 3;

/** A way to train. */
export interface ListeningPlan {
  /** Networks side by side; see {@linkcode audioClassifier}. */
  readonly members: number;
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

/** What a classifier is judged by: what all of its members say together. */
export const judgedBy = {
  loss: (output: Tensor, target: Tensor): Tensor => softmaxCrossEntropy(output, target),
  metrics: { accuracy },
};

/** How a classifier is trained on so many sounds. */
export function listeningPlan(sounds: number, options: ListeningOptions): ListeningPlan {
  const { batchSize, learningRate, precision } = options;
  const times = Math.round(HEARD / sounds);
  const epochs = options.epochs ?? Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, times));
  const optimizer = adam(oneCycle(learningRate, { rise: 0.25 }));
  const average = 0.98;
  const members = sounds < FEW ? MEMBERS : 1;
  return {
    members,
    epochs,
    batchSize,
    method: `${optimizer.description}, weights averaged${members > 1 ? `, ${members} networks` : ""}`,
    fit: { loss: lossOfMembers, metrics: { accuracy }, epochs, batchSize, optimizer, average, precision },
  };
}

/** The mean loss of all members, so that each learns by itself. */
function lossOfMembers(output: Tensor, target: Tensor, { outputs }: FitBatch): Tensor {
  const members = Object.entries(outputs).flatMap(([name, logits]) =>
    name.startsWith("member") ? [logits] : []
  );
  const losses = (members.length > 0 ? members : [output]).map((logits) =>
    softmaxCrossEntropy(logits, target)
  );
  return mul(losses.reduce((a, b) => add(a, b)), 1 / losses.length);
}
