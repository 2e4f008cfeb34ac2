/** What a recipe keeps with its models to use them later: plain JSON in the model's file, which the recipe reads. */
import type { Model } from "../models/model.ts";
import { UsageError } from "./usage_error.ts";

/** Keeps something under a name. */
export function keepDetails(model: Model, name: string, value: unknown): void {
  model.info = { ...model.info, details: { ...model.info.details, [name]: value } };
}

/**
 * What was kept under a name, as `read` makes it of plain JSON; undefined where nothing was.
 *
 * @throws {UsageError} where `read` throws.
 */
export function keptDetails<T>(model: Model, name: string, read: (value: unknown) => T): T | undefined {
  const value = model.info.details?.[name];
  if (value === undefined) return undefined;
  try {
    return read(value);
  } catch (cause) {
    throw new UsageError(
      `Cannot use ${model.name}: what its file says of its ${name} is damaged: ${(cause as Error).message}`,
      { cause },
    );
  }
}
