/** What a run is defined by: two runs with the same definition give the same bits. */
import type { Device } from "../../engine/device.ts";
import { fingerprintData } from "../../data/fingerprint_data.ts";
import { describeModel } from "../../models/model_description.ts";
import type { Callback } from "../callbacks/callback.ts";
import type { Trainer, TrainerOptions } from "../loop/trainer.ts";
import type { Parameters } from "../step/parameters.ts";
import { fingerprintGraph } from "./graph_fingerprint.ts";
import { fromJson, toJson } from "./plain_values.ts";

/** What is known of a run when its step is traced, and not before. */
export const tracedKeys: readonly string[] = ["parameters", "step"];

/** Options that have a say in what a run gives, beside the step and the data. */
export type DefiningOptions = Omit<TrainerOptions, "step" | "signal">;

/**
 * All that decides what a run gives, as plain values, but for the step and its sets of parameters. Takes as long as hashing the data
 * does.
 *
 * @param more What else is known of it, so that messages can name it.
 */
export async function defineRun(
  options: DefiningOptions,
  callbacks: readonly Callback[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const { device, data, validation, epochs, batchSize, shuffle, seed, precision = "float32", carry } =
    options;
  return plain({
    ...more,
    epochs,
    batchSize,
    shuffle,
    ...carry && { carry },
    seed,
    precision,
    device: bitsOf(device),
    callbacks: callbacks.flatMap(({ name }) => name ?? []),
    ...await fingerprintData(data),
    ...validation && { validation: await fingerprintData(validation) },
  });
}

/** The rest of it: the sets of parameters, and a hash of the step. */
export async function defineStep(trainer: Trainer): Promise<Record<string, unknown>> {
  const { losses, metrics, parameters, given } = trainer.traced.step;
  const roots = [
    ...losses.map(({ loss }) => loss),
    ...metrics.map(({ total }) => total),
    ...parameters.updates.map(([, value]) => value),
  ];
  return plain({
    parameters: Object.fromEntries(trainer.sets.map((set) => [set.name, describeSet(set)])),
    step: { every: losses.map(({ every }) => every), graph: await fingerprintGraph(roots, given) },
  });
}

function describeSet(set: Parameters) {
  const { model, optimizer, clipNorm, average, accumulate, specs } = set;
  return {
    ...model ? { model: { ...describeModel(model), info: undefined } } : {
      arrays: specs.map(({ name, shape }) => ({ name, shape: [...shape] })),
    },
    optimizer: optimizer?.description,
    clipNorm,
    average,
    accumulate,
    frozen: optimizer && specs.filter(({ role }) => role === "frozen").map(({ name }) => name),
  };
}

/** As a file gives it back, so that both can be compared. */
const plain = (definition: Record<string, unknown>) =>
  fromJson(JSON.parse(JSON.stringify(toJson(definition, "the run")))) as Record<string, unknown>;

/** A device but for the number of its threads, which changes no bit. */
const bitsOf = ({ description }: Device) => description.replace(/, \d+ threads?/, "");
