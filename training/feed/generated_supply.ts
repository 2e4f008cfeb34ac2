/** Examples that are made ahead of the device, and come there some steps at a time. */
import { allocate, bytesPerElement, type NdArray, ndarray, type TypedArray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { ExampleStream } from "../../data/example_stream.ts";
import type { Generated } from "../../data/generated.ts";
import type { DataSupply, SupplyOptions } from "./data_supply.ts";
import { stepsPerEpoch, type StoredField } from "./device_batches.ts";

/** Steps whose examples come to the device together, at most, and about how many bytes these are. */
const MOST_STEPS = 16;
const MOST_BYTES = 8 * 1024 * 1024;
/** So many times the examples that come to the device together are made ahead. */
const AHEAD = 2;

/** The tensor that says which step's examples are the first. */
const FIRST = "firstStep";

/** What a supply of made examples is made for. */
export interface GeneratedSupplyOptions extends Omit<SupplyOptions, "data"> {
  readonly data: Generated;
  /** Given to the source; 0 when left out. */
  readonly seed?: number;
  /** How many epochs there are, if that is known: an epoch's examples are made while the one before ends. */
  readonly epochs?: number;
  /** Ends the waiting for examples. */
  readonly signal?: AbortSignal;
}

/** Steps are started as soon as one has its examples, with those of as many steps as are ready. */
export class GeneratedSupply implements DataSupply {
  readonly stored: number;
  readonly isWhole = false;
  readonly #options: GeneratedSupplyOptions;
  readonly #stepsPerEpoch: number;
  readonly #stream: ExampleStream;
  /** What is written to the device, by field. */
  readonly #arrays: Readonly<Record<string, NdArray>>;
  /** The first step whose examples are on the device, and how many have theirs. */
  #first = -1;
  #steps = 0;

  constructor(options: GeneratedSupplyOptions) {
    const { device, data, batchSize, fullBatches, seed = 0, signal } = options;
    this.#options = options;
    this.#stepsPerEpoch = stepsPerEpoch(data.length, batchSize, fullBatches);
    const perStep = Object.values(data.fields).map(({ dtype, shape }) =>
      bytesPerElement(dtype) * batchSize * shape.reduce((a, b) => a * b, 1)
    );
    const fitting = Math.floor(Math.min(MOST_BYTES, device.maxTensorBytes) / Math.max(...perStep));
    const steps = Math.max(1, Math.min(fitting, MOST_STEPS, stepsPerEpoch(data.length, batchSize)));
    this.stored = steps * batchSize;
    this.#stream = new ExampleStream({ source: data, seed, capacity: AHEAD * this.stored, signal });
    this.#arrays = Object.fromEntries(
      Object.entries(data.fields).map(([name, { dtype, shape }]) => {
        const size = shape.reduce((a, b) => a * b, this.stored);
        return [name, ndarray(dtype, [this.stored, ...shape], allocate(dtype, size))];
      }),
    );
  }

  values(): Record<string, NdArray> {
    this.#first = -1;
    return { ...this.#arrays, [FIRST]: ndarray("int32", [], [0]) };
  }

  fields(tensor: (name: string) => Tensor): Record<string, StoredField> {
    return Object.fromEntries(
      Object.entries(this.#options.data.fields).map((
        [name, { encoding }],
      ) => [name, { values: tensor(name), encoding }]),
    );
  }

  firstStep(tensor: (name: string) => Tensor): Tensor {
    return tensor(FIRST);
  }

  load(write: (name: string, values: NdArray) => void, step: number): number | Promise<number> {
    const done = step - this.#first;
    if (this.#first >= 0 && done >= 0 && done < this.#steps) return this.#steps - done;
    return this.#next(write, step);
  }

  close(): void {
    this.#stream.close();
  }

  async #next(write: (name: string, values: NdArray) => void, step: number): Promise<number> {
    const { data, batchSize, epochs = 0 } = this.#options;
    const epoch = Math.floor(step / this.#stepsPerEpoch);
    const position = step % this.#stepsPerEpoch * batchSize;
    this.#first = -1;
    this.#stream.begin(epoch, position);
    const left = Math.min(data.length, this.#stepsPerEpoch * batchSize) - position;
    await this.#stream.wait(Math.min(batchSize, left));
    const ready = Math.min(this.#stream.ready, left, this.stored);
    const count = ready === left ? left : ready - ready % batchSize;
    const elements = Object.fromEntries(
      Object.entries(this.#arrays).map(([name, { data }]) => [name, data as TypedArray]),
    );
    this.#stream.take(count, elements);
    if (count % batchSize > 0) this.#fillUp(count);
    for (const [name, values] of Object.entries(this.#arrays)) write(name, values);
    write(FIRST, ndarray("int32", [], [step]));
    if (count === left && epoch + 1 < epochs) this.#stream.begin(epoch + 1, 0);
    [this.#first, this.#steps] = [step, Math.ceil(count / batchSize)];
    return this.#steps;
  }

  /** What does not count in the last batch of an epoch is its first example again. */
  #fillUp(count: number): void {
    const { batchSize } = this.#options;
    const first = count - count % batchSize;
    for (const { data } of Object.values(this.#arrays)) {
      const size = data.length / this.stored;
      for (let i = count; i < first + batchSize; i++) {
        data.copyWithin(i * size, first * size, (first + 1) * size);
      }
    }
  }
}
