/** How a data set's examples come to be on a device: all of them at once, or those of some steps after another. */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Dataset } from "../../data/dataset.ts";
import { elementsOf } from "../../data/encoding.ts";
import type { Field } from "../../data/field.ts";
import { examplesOf } from "../../data/field_parts.ts";
import { shuffledIndex } from "../../data/permutation.ts";
import { stepsPerEpoch, type StoredField } from "./device_batches.ts";

/** Examples as the programs of a device find them. Its tensors have names of their own among others. */
export interface DataSupply {
  /** Examples that are stored at a time. */
  readonly stored: number;
  /** Whether all of an epoch are there, so that steps find their order by themselves. */
  readonly isWhole: boolean;
  /** What it keeps on the device, by name. */
  values(): Record<string, NdArray>;
  /** The fields, from the tensors of these names. */
  fields(tensor: (name: string) => Tensor): Record<string, StoredField>;
  /** The step whose examples are the first that are stored, where only the supply knows. */
  firstStep?(tensor: (name: string) => Tensor): Tensor;
  /** Puts the examples of a step on the device; gives how many steps may be started before this is called again. */
  load(write: (name: string, values: NdArray) => void, step: number): number | Promise<number>;
  /** Ends what is under way. */
  close(): void;
}

/** What a supply of a data set is made for. */
export interface SupplyOptions {
  readonly device: Device;
  readonly data: Dataset;
  readonly batchSize: number;
  /** Chooses a new order for each epoch; without it the order is kept. */
  readonly shuffleSeed?: number;
  /** Whether the last batch of an epoch is left out if it is not full. */
  readonly fullBatches?: boolean;
  /** Whether each row of the batches goes through examples one behind another. */
  readonly inRows?: boolean;
}

/** All examples at once, if the largest array fits into a tensor; else those of some steps. */
export function supplyOf(options: SupplyOptions): DataSupply {
  const { device, data } = options;
  const largest = Math.max(...Object.values(data.fields).map(({ values }) => values.data.byteLength));
  return largest <= device.maxTensorBytes ? new WholeData(data) : new PassingData(options);
}

/** All examples are on the device: fields that share an array share a tensor. */
class WholeData implements DataSupply {
  readonly stored: number;
  readonly isWhole = true;
  readonly #fields: Readonly<Record<string, Field>>;
  /** Where each array is: under the name of the first field that has it. */
  readonly #names = new Map<NdArray, string>();

  constructor(data: Dataset) {
    this.stored = data.length;
    this.#fields = data.fields;
    for (const [name, { values }] of Object.entries(data.fields)) {
      if (!this.#names.has(values)) this.#names.set(values, name);
    }
  }

  values(): Record<string, NdArray> {
    return Object.fromEntries([...this.#names].map(([values, name]) => [name, values]));
  }

  fields(tensor: (name: string) => Tensor): Record<string, StoredField> {
    return Object.fromEntries(
      Object.entries(this.#fields).map((
        [name, { values, encoding }],
      ) => [name, { values: tensor(this.#names.get(values)!), encoding }]),
    );
  }

  load(): number {
    return Infinity;
  }

  close(): void {}
}

/** Examples of some steps have at most about this many bytes: some seconds of work, and little beside what a device has. */
const PASSING_BYTES = 32 * 1024 * 1024;

/** The examples of some steps are on the device, in the order of their use; others take their place when these are done. */
class PassingData implements DataSupply {
  readonly stored: number;
  readonly isWhole = false;
  readonly #options: SupplyOptions;
  readonly #stepsPerEpoch: number;
  readonly #steps: number;
  /** The step whose examples are the first on the device. */
  #loaded = 0;

  constructor(options: SupplyOptions) {
    const { device, data, batchSize, fullBatches } = options;
    this.#options = options;
    this.#stepsPerEpoch = stepsPerEpoch(data.length, batchSize, fullBatches);
    const largest = Math.max(...Object.values(data.fields).map((field) => batchSize * bytesOfExample(field)));
    const fitting = Math.floor(Math.min(PASSING_BYTES, device.maxTensorBytes) / largest);
    this.#steps = Math.min(stepsPerEpoch(data.length, batchSize), Math.max(1, fitting));
    this.stored = this.#steps * batchSize;
  }

  values(): Record<string, NdArray> {
    this.#loaded = 0;
    return this.#examples(0);
  }

  fields(tensor: (name: string) => Tensor): Record<string, StoredField> {
    return Object.fromEntries(
      Object.entries(this.#options.data.fields).map(([name, { encoding }]) => // Windows are on the device as the elements that are in them.
      [name, { values: tensor(name), encoding: elementsOf(encoding) }]),
    );
  }

  load(write: (name: string, values: NdArray) => void, step: number): number {
    const inEpoch = step % this.#stepsPerEpoch;
    const begin = step - inEpoch % this.#steps;
    if (begin !== this.#loaded) {
      for (const [name, values] of Object.entries(this.#examples(begin))) write(name, values);
      this.#loaded = begin;
    }
    const epochEnd = step - inEpoch + this.#stepsPerEpoch;
    return Math.min(begin + this.#steps, epochEnd) - step;
  }

  close(): void {}

  /** Examples in the order in which steps use them, from a step on. What lies behind the epoch's end is its beginning. */
  #examples(step: number): Record<string, NdArray> {
    const { data, batchSize, shuffleSeed, inRows } = this.#options;
    const turn = Math.floor(step / this.#stepsPerEpoch);
    const first = (step % this.#stepsPerEpoch) * batchSize;
    const order = Uint32Array.from({ length: this.stored }, (_, i) => {
      const place = first + i;
      const example = inRows
        ? place % batchSize * this.#stepsPerEpoch + Math.floor(place / batchSize)
        : place;
      const position = example % data.length;
      return shuffleSeed === undefined ? position : shuffledIndex(position, data.length, shuffleSeed, turn);
    });
    return Object.fromEntries(
      Object.entries(data.fields).map(([name, field]) => [name, examplesOf(field, order)]),
    );
  }
}

/** Bytes of one example as it is stored. */
function bytesOfExample({ values: { shape, data }, encoding }: Field): number {
  const element = data.byteLength / shape[0];
  return encoding.kind === "windows" ? encoding.length * element : element;
}
