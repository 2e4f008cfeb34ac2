/** What gives the steps of a program their examples, wherever these come from. */
import type { NdArray } from "../engine/array.ts";
import type { Device } from "../engine/device.ts";
import type { State } from "../engine/state.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { DataSource } from "../data/data_source.ts";
import type { Dataset } from "../data/dataset.ts";
import { Generated } from "../data/generated.ts";
import { type DataSupply, supplyOf } from "./data_supply.ts";
import { batchAt, type DeviceBatch, stepsPerEpoch } from "./device_batches.ts";
import { GeneratedSupply } from "./generated_supply.ts";

/** Where the data comes from and how it is cut. */
export interface DataFeedOptions {
  readonly device: Device;
  readonly data: Dataset | Generated;
  readonly batchSize: number;
  /** Chooses a new order for each epoch of a data set; without it the order is kept. */
  readonly shuffleSeed?: number;
  /** Given to who makes examples; 0 when left out. */
  readonly seed?: number;
  /** How many epochs there are, if that is known: examples of the next one are made while one ends. */
  readonly epochs?: number;
  /** Ends the waiting for examples that are made. */
  readonly signal?: AbortSignal;
  /** What the names of its state begin with. */
  readonly prefix: string;
}

/** Whether some state is examples, by its name: it belongs to the data, and not to what a run learns. */
export const isDataState = (name: string): boolean => /(^|\/)data\//.test(name);

/** Gives batches to the steps of a program; the same batches whether the data lies on the device or passes through. */
export class DataFeed {
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  readonly #options: DataFeedOptions;
  readonly #supply: DataSupply;

  constructor(options: DataFeedOptions) {
    this.#options = options;
    const { data } = options;
    this.#supply = data instanceof Generated
      ? new GeneratedSupply({ ...options, data })
      : supplyOf({ ...options, data });
    this.stepsPerEpoch = stepsPerEpoch(options.data.length, options.batchSize);
  }

  #name(name: string): string {
    return `${this.#options.prefix}data/${name}`;
  }

  /** What it keeps on the device, under names with the prefix and `data/`. */
  state(): Record<string, NdArray> {
    return Object.fromEntries(
      Object.entries(this.#supply.values()).map(([name, values]) => [this.#name(name), values]),
    );
  }

  /** The batch of a step, from the program's state. `step` is int32 `[]` and counts on through all epochs. */
  batch(state: Readonly<Record<string, Tensor>>, step: Tensor, shuffleSeed?: Tensor): DeviceBatch {
    const { data, batchSize } = this.#options;
    const tensor = (name: string) => state[this.#name(name)];
    return batchAt({
      fields: this.#supply.fields(tensor),
      examples: data.length,
      stored: this.#supply.stored,
      batchSize,
      step,
      firstStep: this.#supply.firstStep?.(tensor),
      shuffleSeed: this.#supply.isWhole ? shuffleSeed : undefined,
    });
  }

  /**
   * Puts the examples of a step on the device; gives how many steps may be started before this is called again. Examples that are
   * made may have to be waited for: then it gives a promise.
   *
   * @throws {DataError} when no such example can be made.
   */
  load(state: State, step: number): number | Promise<number> {
    return this.#supply.load((name, values) => state.write(this.#name(name), values), step);
  }

  /** Ends what is under way. */
  close(): void {
    this.#supply.close();
  }
}

/** The input and the target of a batch whose data has one of each. */
export function usualPair(data: DataSource, { fields }: DeviceBatch): { input: Tensor; target: Tensor } {
  return { input: fields[data.inputFields[0]], target: fields[data.targetFields[0]] };
}
