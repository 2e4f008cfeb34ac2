/** Numbers that a step gives: one for the whole batch, or one for each example. */
import { formatShape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import { cast, mean } from "../../ops/mod.ts";
import type { DeviceBatch } from "../feed/device_batches.ts";
import { isRefusedPromise } from "./refused_promise.ts";

/** What a step gives of one loss or metric. */
export interface BatchNumber {
  /** float32 `[]`, or `[batch]` where there is one for each example. */
  readonly value: Tensor;
  /** Whether there is one for each example, so that a shorter batch is counted right. */
  readonly isPerExample: boolean;
}

/** A loss or metric, once it is sure that it is one: a number, or some for each example, of which the mean is taken. */
export function batchNumber(attempt: string, name: string, value: unknown, examples: number): BatchNumber {
  if (value instanceof Tensor) {
    const number = cast(value, "float32");
    if (number.rank === 0) return { value: number, isPerExample: false };
    if (number.shape[0] === examples) {
      const rest = number.shape.slice(1).map((_, i) => i + 1);
      return { value: rest.length === 0 ? number : mean(number, rest), isPerExample: true };
    }
  }
  const received = value instanceof Tensor
    ? `${value.dtype} ${formatShape(value.shape)}`
    : isRefusedPromise(value)
    ? "a promise"
    : String(value);
  throw new RangeError(
    `Cannot ${attempt} ${name} of ${received}: it takes one number [], or one for each of the batch's ${examples} examples ` +
      `[${examples}]; see mean and sum`,
  );
}

/** The mean over a batch. */
export const batchMean = (batch: DeviceBatch, { value, isPerExample }: BatchNumber): Tensor =>
  isPerExample ? batch.average(value) : value;

/** What is added to the sum over an epoch. */
export const batchTotal = (batch: DeviceBatch, { value, isPerExample }: BatchNumber): Tensor =>
  isPerExample ? batch.total(value) : value;
