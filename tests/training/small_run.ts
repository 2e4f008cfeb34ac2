/** A run that is short and has in it all that draws random numbers or keeps something from step to step. */
import type { Dataset } from "../../data/dataset.ts";
import { shapes } from "../../data/image/shapes.ts";
import { activation } from "../../models/layers/core/activation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { averagePool2d, maxPool2d } from "../../models/layers/pooling/pooling.ts";
import { type Model, sequential } from "../../models/model.ts";
import type { FitOptions } from "../../training/fit/fit.ts";
import type { EpochRecord } from "../../training/loop/history.ts";
import { sgd } from "../../training/optimizers/optimizers.ts";
import { cosineDecay } from "../../training/optimizers/schedules.ts";

const { train, test } = shapes({ train: 70, test: 30, seed: 3 });

/** 70 training pictures. */
export const pictures: Dataset = train;
/** 30 others. */
export const otherPictures: Dataset = test;

/** A convolutional network with dropout and batch normalization. */
export function smallModel(seed = 1): Model {
  return sequential([
    averagePool2d(),
    conv2d({ filters: 4, kernelSize: 3 }),
    batchNormalization({ momentum: 0.8 }),
    activation("relu"),
    maxPool2d(),
    dropout(0.2),
    flatten(),
    dense({ units: 12, activation: "tanh" }),
    dropout(0.4),
    dense({ units: 10 }),
  ], { inputShape: [32, 32, 3], name: "small", seed });
}

/** Options with momentum, a schedule, augmentation, smoothing, clipping, and a last batch that is not full. */
export const smallOptions = {
  epochs: 3,
  batchSize: 16,
  optimizer: sgd(cosineDecay(0.05), { momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  augmentation: { flip: true, shift: 2 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  seed: 5,
  validation: otherPictures,
} satisfies FitOptions;

/** Steps of an epoch of this run. */
export const SMALL_STEPS = 5;

/** Every weight's bits, statistics included. */
export function bitsOf(model: Model): Record<string, Uint32Array> {
  return Object.fromEntries(
    [...model.weights].map(([name, { data }]) => [name, new Uint32Array(data.slice().buffer)]),
  );
}

/** A history without what the clock says. */
export function measured(history: readonly EpochRecord[]): Partial<EpochRecord>[] {
  return history.map((record) => ({ ...record, seconds: undefined, examplesPerSecond: undefined }));
}
