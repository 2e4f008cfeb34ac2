/** A run of a model as `fit` makes it, step by step. */
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../engine/device.ts";
import type { Model } from "../../models/model.ts";
import type { Precision } from "../../models/precision.ts";
import type { Augmentation } from "../../training/fit/augment.ts";
import { fitStep } from "../../training/fit/fit_step.ts";
import { Trainer } from "../../training/loop/trainer.ts";
import type { LossName } from "../../training/losses/losses.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { parameters } from "../../training/step/parameters.ts";

/** What defines the run. */
export interface ModelRun {
  readonly device: Device;
  readonly model: Model;
  readonly data: Dataset;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly loss?: LossName;
  readonly labelSmoothing?: number;
  readonly clipNorm?: number;
  readonly augmentation?: Augmentation;
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly precision?: Precision;
}

/** Compiles it. */
export async function modelTrainer(run: ModelRun): Promise<Trainer> {
  const { device, model, data, epochs, batchSize, optimizer, clipNorm, augmentation, labelSmoothing } = run;
  const { loss = "softmaxCrossEntropy", shuffle = true, seed = 0, precision } = run;
  const set = parameters(model, { optimizer, clipNorm });
  const step = fitStep(set, data, { loss, labelSmoothing, augmentation });
  return await Trainer.create({ device, step, data, epochs, batchSize, shuffle, seed, precision });
}
