/**
 * Examples on the host: what `fit`, `train` and `evaluate` work on. The arrays go to the device once, as they are stored
 * here (images as bytes, a text as one stream); shuffling, scaling, windows and augmentation happen there.
 */
import { type NdArray, ndarray } from "../engine/array.ts";
import { flag, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../engine/options.ts";
import { readDataset } from "./check_dataset.ts";
import type { DatasetOptions } from "./dataset_options.ts";
import type { DataSource } from "./data_source.ts";
import { decoded, type Encoding, type ExampleType } from "./encoding.ts";
import { exampleType, type Field } from "./field.ts";
import { apartFrom, examplesOf, rangeOf, slicedFields } from "./field_parts.ts";
import { permutation } from "./permutation.ts";

/** Some examples as a network takes them; see {@linkcode Dataset.batches}. */
export interface Batch {
  /** Each field, `[n, ...]`: `float32` of numbers, `int32` of classes and tokens. */
  readonly fields: Readonly<Record<string, NdArray<"float32" | "int32">>>;
  /** Which examples of the data set these are, `[n]`. */
  readonly indices: Uint32Array;
  /** The input, where there is one; else a `RangeError` is thrown. */
  readonly inputs: NdArray<"float32" | "int32">;
  /** The target, where there is one; else a `RangeError` is thrown. */
  readonly targets: NdArray<"float32" | "int32">;
}

/** One example as it is stored; see {@linkcode Dataset.example}. */
export interface Example {
  /** Each field, without the axis of examples: `[]` for a class index. */
  readonly fields: Readonly<Record<string, NdArray>>;
  /** The input, where there is one; else a `RangeError` is thrown. */
  readonly input: NdArray;
  /** The target, where there is one; else a `RangeError` is thrown. */
  readonly target: NdArray;
  /** The name of the target's class, where the data set has class names and one index an example. */
  readonly className?: string;
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
 * N examples, N at least 1, each with the same named fields. It keeps the arrays it is given: do not write to them after.
 *
 * ```ts
 * import { classes, Dataset, ndarray, numbers } from "@gesso/gesso";
 *
 * const data = new Dataset({
 *   fields: {
 *     pixels: numbers(ndarray("uint8", [4, 2], [0, 0, 0, 255, 255, 0, 255, 255])),
 *     label: classes(ndarray("uint8", [4], [0, 1, 1, 0]), ["same", "different"]),
 *   },
 *   targets: "label",
 * });
 * const { train, validation } = data.split(0.25, { seed: 1 });
 * console.log(train.length, validation.length); // 3 1
 * ```
 *
 * Inputs and targets, the usual two, can be given as they are:
 *
 * ```ts
 * import { Dataset, ndarray } from "@gesso/gesso";
 *
 * const data = new Dataset({
 *   inputs: ndarray("float32", [3, 1], [1, 2, 3]),
 *   targets: ndarray("float32", [3, 1], [2, 4, 6]),
 * });
 * console.log(Object.keys(data.fields)); // ["inputs", "targets"]
 * ```
 */
export class Dataset implements DataSource {
  /** The fields by their names. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The names of the fields that go into a model. */
  readonly inputFields: readonly string[];
  /** The names of the fields that a model's results are compared with; none where nothing is. */
  readonly targetFields: readonly string[];
  /** The number of examples, N. */
  readonly length: number;
  /** What messages call this data. */
  readonly name: string;

  /** Throws a `TypeError` or `RangeError` when fields, shapes, dtypes, class indices or scale do not go together. */
  constructor(options: DatasetOptions) {
    const { fields, inputFields, targetFields, length, name } = readDataset(options);
    this.fields = fields;
    this.inputFields = inputFields;
    this.targetFields = targetFields;
    this.length = length;
    this.name = name;
  }

  /** What a step gets of each field for one example. */
  get types(): Readonly<Record<string, ExampleType>> {
    return mapped(this.fields, exampleType);
  }

  /** How each field is read. */
  get encodings(): Readonly<Record<string, Encoding>> {
    return mapped(this.fields, ({ encoding }) => encoding);
  }

  /** The input as stored, `[N, ...]`, where there is one that has an array of its own; else a `RangeError` is thrown. */
  get inputs(): NdArray {
    return this.#stored("input", this.inputFields);
  }

  /** The target as stored, `[N, ...]`, where there is one that has an array of its own; else a `RangeError` is thrown. */
  get targets(): NdArray {
    return this.#stored("target", this.targetFields);
  }

  /** The name of each class, where the only target is class indices with names. */
  get classNames(): readonly string[] | undefined {
    const [first, second] = this.targetFields;
    if (first === undefined || second !== undefined) return undefined;
    const { encoding } = this.fields[first];
    return encoding.kind === "classes" ? encoding.classNames : undefined;
  }

  /** What the input is multiplied by on its way to the network: 1/255 by default for `uint8`, 1 for `float32`. */
  get scale(): number {
    const { encoding } = this.fields[this.#only("input", this.inputFields)];
    return encoding.kind === "numbers" ? encoding.scale : 1;
  }

  /** The name of the only input or target. */
  #only(role: string, names: readonly string[]): string {
    if (names.length === 1) return names[0];
    throw new RangeError(
      `Cannot take the ${role} of ${this.name}: it has ${names.length === 0 ? "none" : names.join(", ")}; ` +
        `its fields are ${Object.keys(this.fields).join(", ")}`,
    );
  }

  #stored(role: string, names: readonly string[]): NdArray {
    const name = this.#only(role, names);
    const { values, encoding } = this.fields[name];
    if (encoding.kind !== "windows") return values;
    throw new RangeError(
      `Cannot take the ${role} of ${this.name} as an array: ${name} is windows into a stream; see fields and batches`,
    );
  }

  /** Other examples, of which the same is known. */
  #with(fields: Readonly<Record<string, Field>>): Dataset {
    const { inputFields: inputs, targetFields: targets, name } = this;
    return new Dataset({ fields, inputs, targets, name });
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
    return this.#with(slicedFields(this.fields, start, end));
  }

  /**
   * Shuffles, then sets a part aside for validation. The same seed gives the same parts. Windows into a stream overlap, so
   * nothing is shuffled there: the stream's end is for validation, without a copy, and windows that reach into both parts are
   * in neither.
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
    if (Object.values(this.fields).some(({ encoding }) => encoding.kind === "windows")) {
      return this.#splitStream(fraction, this.length - count);
    }
    const order = permutation(this.length, seed ?? 0);
    const part = (indices: Uint32Array): Dataset =>
      this.#with(
        mapped(this.fields, (field) => ({ ...field, values: examplesOf(field, indices) })),
      );
    return { train: part(order.subarray(count)), validation: part(order.subarray(0, count)) };
  }

  /** Parts of a stream that have no element in common. */
  #splitStream(fraction: number, start: number): { train: Dataset; validation: Dataset } {
    const count = apartFrom(Object.values(this.fields), start);
    if (count >= 1) return { train: this.slice(0, count), validation: this.slice(start) };
    throw new RangeError(
      `Cannot split ${this.name} of ${this.length} windows with fraction ${fraction}: every one before ${start}, where ` +
        `validation would begin, reaches beyond it`,
    );
  }

  /**
   * Goes through all examples once, for people who write their own step: numbers scaled to `float32`, class indices and
   * tokens as `int32`. The last batch is smaller when `batchSize` does not divide `length`.
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
    const [inputOf, targetOf] = this.#roles();
    for (let at = 0; at < order.length; at += batchSize) {
      const indices = order.slice(at, at + batchSize);
      const fields = mapped(this.fields, (field) => decoded(examplesOf(field, indices), field.encoding));
      yield {
        fields,
        indices,
        get inputs() {
          return inputOf(fields);
        },
        get targets() {
          return targetOf(fields);
        },
      };
    }
  }

  /** What finds the only input and the only target of some fields. */
  #roles() {
    const of = (role: string, names: readonly string[]) => <T>(fields: Readonly<Record<string, T>>): T =>
      fields[this.#only(role, names)];
    return [of("input", this.inputFields), of("target", this.targetFields)] as const;
  }

  /** Example `index` as it is stored, without a copy. Throws a `RangeError` unless 0 <= `index` < `length`. */
  example(index: number): Example {
    const part = this.slice(index, index + 1);
    const fields = mapped(
      part.fields,
      ({ values, encoding }) =>
        encoding.kind === "windows"
          ? rangeOf(values, encoding.shift, encoding.shift + encoding.length)
          : ndarray(values.dtype, values.shape.slice(1), values.data),
    );
    const [inputOf, targetOf] = this.#roles();
    const { classNames } = this;
    return {
      fields,
      get input() {
        return inputOf(fields);
      },
      get target() {
        return targetOf(fields);
      },
      get className() {
        const target = classNames && targetOf(fields);
        return target?.data.length === 1 ? classNames![target.data[0]] : undefined;
      },
    };
  }
}

/** The same for each field. */
function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
