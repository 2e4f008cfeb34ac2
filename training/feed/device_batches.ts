/** Batches made on the device: the data lies there as it is stored, and a step takes a step number. */
import { elementsOf, type Encoding } from "../../data/encoding.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { gatherInside } from "../../ops/movement/gather.ts";
import {
  add,
  cast,
  div,
  expandDims,
  floorDiv,
  iota,
  less,
  mod,
  mul,
  shuffled,
  sub,
  sum,
} from "../../ops/mod.ts";

/** A batch, and how much each of its examples counts. */
export interface DeviceBatch {
  /** Each field as a step gets it: float32 or int32 `[batch, ...]`. */
  readonly fields: Readonly<Record<string, Tensor>>;
  /** Examples, the ones that do not count among them. */
  readonly size: number;
  /** float32 `[batch]`: 1 for examples that count, else 0, where an epoch's last batch is shorter; undefined where all count. */
  readonly counts?: Tensor;
  /** The sum over the examples that count. */
  total(perExample: Tensor): Tensor;
  /** The mean over them. */
  average(perExample: Tensor): Tensor;
}

/** A field as it lies on the device. */
export interface StoredField {
  /** `[stored, ...]`, an example each; of windows, the stream `[elements, ...]`. */
  readonly values: Tensor;
  readonly encoding: Encoding;
}

/** Where a batch comes from. */
export interface BatchSource {
  readonly fields: Readonly<Record<string, StoredField>>;
  /** Examples of an epoch. */
  readonly examples: number;
  /** Examples that are stored: all of an epoch, or those of some steps, in the order of their use. */
  readonly stored: number;
  readonly batchSize: number;
  /** Whether a last batch that is not full is left out. */
  readonly fullBatches?: boolean;
  /** Whether row `b` of an epoch's step `s` is example `b * steps + s`, and not `s * rows + b`. */
  readonly inRows?: boolean;
  /** Whether all examples are stored, in their own order and not in that of their use. */
  readonly isWhole?: boolean;
  /** The number of the step, from 0 and on through all epochs; int32 `[]`. */
  readonly step: Tensor;
  /** The step whose examples are the first that are stored; where left out, a step of each epoch's beginning is. int32 `[]`. */
  readonly firstStep?: Tensor;
  /** Chooses a new order for each epoch; without it the order is kept. uint32 `[]`. */
  readonly shuffleSeed?: Tensor;
}

/** Steps of an epoch: the last one may have fewer examples, unless all batches are full. */
export const stepsPerEpoch = (examples: number, batchSize: number, fullBatches = false): number =>
  fullBatches ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);

/** The examples of a step. A last batch that is not full is filled up with examples that do not count. */
export function batchAt(source: BatchSource): DeviceBatch {
  const { fields, examples, batchSize, step, fullBatches, inRows, isWhole } = source;
  const steps = stepsPerEpoch(examples, batchSize, fullBatches);
  const inEpoch = mod(step, steps);
  const isFull = fullBatches || examples % batchSize === 0;
  const position = add(iota(batchSize), mul(inEpoch, batchSize));
  const example = inRows ? add(mul(iota(batchSize), steps), inEpoch) : position;
  const index = indexOf(source, isWhole ? example : position, isFull);
  const counts = isFull ? undefined : cast(less(example, examples), "float32");
  const total = (perExample: Tensor) => sum(counts ? mul(perExample, counts) : perExample);
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, decoded(chosen(field, index), field.encoding)]),
    ),
    size: batchSize,
    counts,
    total,
    average: (perExample) => div(total(perExample), counts ? sum(counts) : batchSize),
  };
}

/** Where the examples at some positions of an epoch are stored. */
function indexOf(source: BatchSource, position: Tensor, isFull: boolean): Tensor {
  const { examples, stored, batchSize, step, firstStep, shuffleSeed, fullBatches } = source;
  if (firstStep) return add(iota(batchSize), mul(sub(step, firstStep), batchSize));
  const inside = isFull && stored === examples ? position : mod(position, stored);
  if (!shuffleSeed) return inside;
  const epoch = floorDiv(step, stepsPerEpoch(examples, batchSize, fullBatches));
  return shuffled(inside, examples, { seed: shuffleSeed, turn: epoch });
}

/** Examples as they are stored: `[batch, ...]`, windows `[batch, length, ...]`. */
function chosen({ values, encoding }: StoredField, index: Tensor): Tensor {
  if (encoding.kind !== "windows") return gatherInside(values, index);
  const { length, stride, shift } = encoding;
  const first = add(mul(index, stride), shift);
  return gatherInside(values, add(expandDims(first, 1), iota(length)));
}

function decoded(stored: Tensor, encoding: Encoding): Tensor {
  const elements = elementsOf(encoding);
  if (elements.kind !== "numbers") return cast(stored, "int32");
  const { scale, offset } = elements;
  const numbers = cast(stored, "float32");
  const scaled = scale === 1 ? numbers : mul(numbers, scale);
  return offset === 0 ? scaled : add(scaled, offset);
}
