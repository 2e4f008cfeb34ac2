/** What a run is defined by: two runs with the same definition give the same bits. */
import type { Device } from "../../engine/device.ts";
import { fingerprintData } from "../../data/fingerprint_data.ts";
import { describeModel } from "../../models/model_description.ts";
import type { Callback } from "../callbacks/callbacks.ts";
import { fromJson, toJson } from "./plain_values.ts";
import type { TrainerOptions } from "../loop/trainer.ts";

/** All that decides what a run gives, as plain values. Takes as long as hashing the data does. */
export async function defineRun(
  options: TrainerOptions,
  callbacks: readonly Callback[],
): Promise<Record<string, unknown>> {
  const { device, model, data, validation, optimizer, precision = "float32", ...numbers } = options;
  const definition = {
    model: { ...describeModel(model), info: undefined },
    optimizer: optimizer.description,
    precision,
    ...numbers,
    device: bitsOf(device),
    callbacks: callbacks.flatMap(({ name }) => name ?? []),
    ...await fingerprintData(data),
    ...validation && { validation: await fingerprintData(validation) },
  };
  // As a file gives it back, so that both can be compared.
  return fromJson(JSON.parse(JSON.stringify(toJson(definition, "the run")))) as Record<string, unknown>;
}

/** A device but for the number of its threads, which changes no bit. */
const bitsOf = ({ description }: Device) => description.replace(/, \d+ threads?/, "");
