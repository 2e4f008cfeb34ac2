/** What gives the steps of a program their examples, wherever these come from. */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Dataset } from "../../data/dataset.ts";
import { Generated } from "../../data/generated.ts";
import { type DataSupply, supplyOf } from "./data_supply.ts";
import { batchAt, type DeviceBatch, stepsPerEpoch } from "./device_batches.ts";
import { GeneratedSupply } from "./generated_supply.ts";

/** What steps are given examples of. */
export type TrainingData = Dataset | Generated;

/** Where the data comes from and how it is cut. */
export interface DataFeedOptions {
  readonly device: Device;
  readonly data: TrainingData;
  readonly batchSize: number;
  /** Chooses a new order for each epoch of a data set; without it the order is kept. */
  readonly shuffleSeed?: number;
  /** Given to who makes examples; 0 when left out. */
  readonly seed?: number;
  /** How many epochs there are, if that is known: examples of the next one are made while one ends. */
  readonly epochs?: number;
  /** Ends the waiting for examples that are made. */
  readonly signal?: AbortSignal;
  /** Whether the last batch of an epoch is left out if it is not full. */
  readonly fullBatches?: boolean;
  /** Whether each row of the batches goes through examples one behind another. */
  readonly inRows?: boolean;
  /** What the names of its state begin with. */
  readonly prefix: string;
}

/** Gives batches to the steps of a program; the same batches whether the data lies on the device or passes through. */
export class DataFeed {
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  readonly #options: DataFeedOptions;
  readonly #supply: DataSupply;

  constructor(options: DataFeedOptions) {
    this.#options = options;
    const { data, batchSize, fullBatches } = options;
    this.#supply = data instanceof Generated
      ? new GeneratedSupply({ ...options, data })
      : supplyOf({ ...options, data });
    this.stepsPerEpoch = stepsPerEpoch(data.length, batchSize, fullBatches);
  }

  /** Examples of one epoch. */
  get examplesPerEpoch(): number {
    const { data, batchSize } = this.#options;
    return Math.min(data.length, this.stepsPerEpoch * batchSize);
  }

  /** The same examples in full batches only, in place of this feed; for programs on the same state. */
  inFullBatches(): DataFeed {
    this.close();
    return new DataFeed({ ...this.#options, fullBatches: true });
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
    const { data, batchSize, fullBatches, inRows } = this.#options;
    const tensor = (name: string) => state[this.#name(name)];
    return batchAt({
      fields: this.#supply.fields(tensor),
      examples: data.length,
      stored: this.#supply.stored,
      batchSize,
      fullBatches,
      inRows,
      isWhole: this.#supply.isWhole,
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
