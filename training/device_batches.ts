/** Batches made on the device: the data lies there as bytes, and a step takes a step number. */
import type { Tensor } from "../engine/tensor.ts";
import { gatherInside } from "../ops/movement/gather.ts";
import { add, cast, div, floorDiv, iota, less, mod, mul, shuffled, sum } from "../ops/mod.ts";

/** A batch, and how much each of its examples counts. */
export interface DeviceBatch {
  /** float32 `[batch, ...]`. */
  readonly inputs: Tensor;
  /** int32 or float32 `[batch, ...]`. */
  readonly targets: Tensor;
  /** The sum over the examples that belong to the batch. */
  total(perExample: Tensor): Tensor;
  /** The mean over them. */
  average(perExample: Tensor): Tensor;
}

/** Where a batch comes from. */
export interface BatchSource {
  /** `[examples, ...]`, as stored; or `[window, ...]`: the examples of some steps, in the order of their use. */
  readonly inputs: Tensor;
  readonly targets: Tensor;
  /** Examples of an epoch. */
  readonly examples: number;
  readonly batchSize: number;
  /** What bytes are multiplied by. */
  readonly scale: number;
  /** The number of the step, from 0 and on through all epochs; int32 `[]`. */
  readonly step: Tensor;
  /** Chooses a new order for each epoch; without it the order is kept. uint32 `[]`. */
  readonly shuffleSeed?: Tensor;
}

/** Steps of an epoch: the last one may have fewer examples. */
export const stepsPerEpoch = (examples: number, batchSize: number): number => Math.ceil(examples / batchSize);

/** The examples of a step. A last batch that is not full is filled up with examples that do not count. */
export function batchAt(source: BatchSource): DeviceBatch {
  const { inputs, targets, examples, batchSize, scale, step, shuffleSeed } = source;
  const steps = stepsPerEpoch(examples, batchSize);
  const first = mul(mod(step, steps), batchSize);
  const position = add(iota(batchSize), first);
  const isFull = examples % batchSize === 0;
  const stored = inputs.shape[0];
  const inside = isFull && stored === examples ? position : mod(position, stored);
  const epoch = floorDiv(step, steps);
  const index = shuffleSeed ? shuffled(inside, examples, { seed: shuffleSeed, turn: epoch }) : inside;
  const chosen = gatherInside(inputs, index);
  const labels = gatherInside(targets, index);
  const numbers = cast(chosen, "float32");
  const counts = isFull ? undefined : cast(less(position, examples), "float32");
  const total = (perExample: Tensor) => sum(counts ? mul(perExample, counts) : perExample);
  return {
    inputs: scale === 1 ? numbers : mul(numbers, scale),
    targets: labels.dtype === "uint8" ? cast(labels, "int32") : labels,
    total,
    average: (perExample) => div(total(perExample), counts ? sum(counts) : batchSize),
  };
}
