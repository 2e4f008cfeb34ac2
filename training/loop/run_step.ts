/** A run of a step: on the device that is asked for, from its beginning or a checkpoint to its end. */
import type { Values } from "../../engine/options.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import { checkIsCheckpoint, checkSameRun } from "../checkpoints/check_resume.ts";
import { defineRun, defineStep } from "../checkpoints/run_definition.ts";
import type { TrainStep } from "../step/train_step.ts";
import type { History } from "./history.ts";
import { checkCarryOrder } from "./check_carry.ts";
import { Run } from "./run.ts";
import { checkCallbacks, checkSteps, type runOptions } from "./run_options.ts";
import { Trainer } from "./trainer.ts";
import { withDevice } from "./with_device.ts";

/** What else a run is. */
export interface RunDetails {
  /** What it is defined by beside step, data and options, for messages about checkpoints of other runs. */
  readonly definition?: Readonly<Record<string, unknown>>;
  /** Called when the sets of parameters have got values of this run. */
  readonly onWeights?: () => void;
}

/** Runs a step. */
export async function runStep(
  step: TrainStep,
  data: TrainingData,
  options: Values<typeof runOptions>,
  { definition: more, onWeights }: RunDetails = {},
): Promise<History> {
  const { validation, epochs, carry, seed, precision, callbacks, resume, signal } = options;
  const { shuffle = !carry } = options;
  const batchSize = Math.min(options.batchSize, data.length);
  checkSteps(data, epochs, batchSize);
  if (carry) checkCarryOrder("train", [data, ...validation ? [validation] : []], shuffle);
  checkCallbacks(callbacks);
  if (resume !== undefined) checkIsCheckpoint(resume);
  signal?.throwIfAborted();
  return await withDevice(options.device, async (device) => {
    const settled = { device, data, validation, epochs, batchSize, shuffle, carry, seed, precision };
    let known: Promise<Record<string, unknown>> | undefined;
    const defined = () => known ??= defineRun(settled, callbacks, more);
    if (resume) checkSameRun(resume, await defined());
    const trainer = await Trainer.create({ ...settled, step, signal });
    try {
      const definition = async () => ({ ...await defined(), ...await defineStep(trainer) });
      if (resume) checkSameRun(resume, await definition());
      return await new Run(trainer, { callbacks, signal, resume, definition, onWeights }).go();
    } finally {
      trainer.close();
    }
  });
}
