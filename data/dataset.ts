/**
 * Examples on the host: what `fit` and `evaluate` work on. The arrays go to the device once, as they are stored
 * here (images as bytes); shuffling, scaling and augmentation happen there.
 */
import { type NdArray, ndarray } from "../engine/array.ts";
import { flag, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../engine/options.ts";
import { readDataset } from "./check_dataset.ts";
import { permutation } from "./permutation.ts";
import { rows } from "./rows.ts";

/** What a {@linkcode Dataset} is made of. */
export interface DatasetOptions {
  /** Inputs, `[N, ...]`, `uint8` or `float32`; images are `[N, height, width, channels]`. */
  inputs: NdArray;
  /** Targets, `[N, ...]`: class indices (`uint8` or `int32`), or numbers (`float32`). */
  targets: NdArray;
  /** The name of each class, in the order of their indices. Targets must then be class indices below its length. */
  classNames?: readonly string[];
  /** What messages call this data. Default `"dataset"`. */
  name?: string;
  /** What `uint8` inputs are multiplied by when they become `float32`. Default 1/255. Not for `float32` inputs. */
  scale?: number;
}

/** Some examples as a network takes them; see {@linkcode Dataset.batches}. */
export interface Batch {
  /** Scaled inputs, `[n, ...]`, `float32`. */
  inputs: NdArray;
  /** Targets, `[n, ...]`, `int32` (class indices) or `float32`. */
  targets: NdArray;
  /** Which examples of the data set these are, `[n]`. */
  indices: Uint32Array;
}

/** One example as it is stored; see {@linkcode Dataset.example}. */
export interface Example {
  /** The input, without the axis of examples. */
  input: NdArray;
  /** The target, without the axis of examples: `[]` for a class index. */
  target: NdArray;
  /** The name of the target's class, where the data set has class names and one index an example. */
  className?: string;
}

/** Two data sets of one kind. */
export interface TrainAndTest {
  /** To train on. */
  train: Dataset;
  /** To judge by. */
  test: Dataset;
}

const seedOption = optional(whole(0, Number.MAX_SAFE_INTEGER));

/**
 * Inputs and targets of N examples, N at least 1. It keeps the arrays it is given: do not write to them after.
 *
 * ```ts
 * import { Dataset } from "@gesso/gesso";
 *
 * const data = new Dataset({
 *   inputs: { dtype: "uint8", shape: [4, 2], data: Uint8Array.of(0, 0, 0, 255, 255, 0, 255, 255) },
 *   targets: { dtype: "uint8", shape: [4], data: Uint8Array.of(0, 1, 1, 0) },
 *   classNames: ["same", "different"],
 * });
 * const { train, validation } = data.split(0.25, { seed: 1 });
 * console.log(train.length, validation.length); // 3 1
 * ```
 */
export class Dataset {
  /** Inputs as stored, `[N, ...]`. */
  readonly inputs: NdArray;
  /** Targets as stored, `[N, ...]`. */
  readonly targets: NdArray;
  /** The name of each class, where targets are class indices with names. */
  readonly classNames?: readonly string[];
  /** What messages call this data. */
  readonly name: string;
  /** What inputs are multiplied by on their way to the network: 1/255 by default for `uint8`, 1 for `float32`. */
  readonly scale: number;

  /** Throws a `TypeError` or `RangeError` when shapes, dtypes, class indices or scale do not go together. */
  constructor(options: DatasetOptions) {
    const parts = readDataset(options);
    this.inputs = parts.inputs;
    this.targets = parts.targets;
    this.classNames = parts.classNames;
    this.name = parts.name;
    this.scale = parts.scale;
  }

  /** The number of examples, N. */
  get length(): number {
    return this.inputs.shape[0];
  }

  /** Other examples, of which the same is known. */
  #with(inputs: NdArray, targets: NdArray): Dataset {
    const { classNames, name, scale } = this;
    return new Dataset({ inputs, targets, classNames, name, scale });
  }

  /** The first `count` examples, without a copy. Throws a `RangeError` unless 1 <= `count` <= `length`. */
  take(count: number): Dataset {
    readValue(`take examples of ${this.name}`, "count", count, whole());
    return this.slice(0, count);
  }

  /**
   * The examples from `start` up to but without `end`, without a copy. Throws a `RangeError` unless
   * 0 <= `start` < `end` <= `length`.
   */
  slice(start: number, end: number = this.length): Dataset {
    if (
      !Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end || end > this.length
    ) {
      throw new RangeError(
        `Cannot slice ${this.name} from ${start} to ${end}: it has ${this.length} examples, and one must remain`,
      );
    }
    const part = (array: NdArray) => {
      const size = array.data.length / this.length;
      return ndarray(
        array.dtype,
        [end - start, ...array.shape.slice(1)],
        array.data.subarray(start * size, end * size),
      );
    };
    return this.#with(part(this.inputs), part(this.targets));
  }

  /**
   * Shuffles, then sets a part aside for validation. The same seed gives the same parts.
   *
   * @param fraction Which part is for validation, between 0 and 1, rounded to whole examples. A `RangeError` is
   * thrown when either part would be empty.
   * @param options `seed`: defines the shuffle, default 0.
   * @returns Copies: `train` and `validation`, no example in both, none lost.
   */
  split(fraction: number, options: { seed?: number } = {}): { train: Dataset; validation: Dataset } {
    const { seed } = readOptions(`split ${this.name}`, options, { seed: seedOption });
    const count = Math.round(fraction * this.length);
    if (!(count >= 1 && count < this.length)) {
      throw new RangeError(
        `Cannot split ${this.name} of ${this.length} examples with fraction ${fraction}: both parts need one`,
      );
    }
    const order = permutation(this.length, seed ?? 0);
    const part = (indices: Uint32Array): Dataset =>
      this.#with(rows(this.inputs, indices), rows(this.targets, indices));
    return { train: part(order.subarray(count)), validation: part(order.subarray(0, count)) };
  }

  /**
   * Goes through all examples once, for people who write their own step: inputs scaled to `float32`, class indices
   * as `int32`. The last batch is smaller when `batchSize` does not divide `length`.
   *
   * @param batchSize Examples a batch, at least 1; else a `RangeError` is thrown.
   * @param options `seed`: shuffles, into the batches that `fit` takes with this seed; without it the order is kept.
   * `epoch`: each has an order of its own; from 0, the first, which is the default. `dropRemainder`: leaves a smaller
   * last batch out.
   */
  batches(
    batchSize: number,
    options: { seed?: number; epoch?: number; dropRemainder?: boolean } = {},
  ): Iterable<Batch> {
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot batch ${this.name} by ${batchSize}: the batch size must be an integer of at least 1`,
      );
    }
    const { seed, epoch, dropRemainder } = readOptions(`batch ${this.name}`, options, {
      seed: seedOption,
      epoch: optional(whole(), 0),
      dropRemainder: optional(flag, false),
    });
    const order = seed === undefined
      ? Uint32Array.from({ length: this.length }, (_, i) => i)
      : permutation(this.length, seed, epoch);
    const end = dropRemainder ? this.length - this.length % batchSize : this.length;
    return this.#batches(order.subarray(0, end), batchSize);
  }

  *#batches(order: Uint32Array, batchSize: number): Generator<Batch> {
    for (let at = 0; at < order.length; at += batchSize) {
      const indices = order.slice(at, at + batchSize);
      const inputs = rows(this.inputs, indices);
      const targets = rows(this.targets, indices);
      yield {
        inputs: inputs.dtype === "uint8" ? scaled(inputs, this.scale) : inputs,
        targets: targets.dtype === "uint8" ? ndarray("int32", targets.shape, targets.data) : targets,
        indices,
      };
    }
  }

  /** Example `index` as it is stored, without a copy. Throws a `RangeError` unless 0 <= `index` < `length`. */
  example(index: number): Example {
    const { inputs, targets } = this.slice(index, index + 1);
    const input = ndarray(inputs.dtype, inputs.shape.slice(1), inputs.data);
    const target = ndarray(targets.dtype, targets.shape.slice(1), targets.data);
    const className = target.data.length === 1 ? this.classNames?.[target.data[0]] : undefined;
    return { input, target, className };
  }
}

function scaled(array: NdArray, scale: number): NdArray {
  const data = new Float32Array(array.data.length);
  for (let i = 0; i < data.length; i++) data[i] = array.data[i] * scale;
  return ndarray("float32", array.shape, data);
}
