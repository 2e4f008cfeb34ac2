/** A data set on a device: all of it where it fits, else a window of it that is filled again before it runs out. */
import type { NdArray } from "../engine/array.ts";
import type { Device } from "../engine/device.ts";
import type { State } from "../engine/state.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Dataset } from "../data/dataset.ts";
import { shuffledIndex } from "../data/permutation.ts";
import { rows } from "../data/rows.ts";
import { batchAt, type DeviceBatch, stepsPerEpoch } from "./device_batches.ts";

/** A window has at most about this many bytes: some seconds of work, and little beside what a device has. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** Where the data comes from and how it is cut. */
export interface DataFeedOptions {
  readonly device: Device;
  readonly data: Dataset;
  readonly batchSize: number;
  /** Chooses a new order for each epoch; without it the order is kept. */
  readonly shuffleSeed?: number;
  /** What the names of its state begin with. */
  readonly prefix: string;
}

/** Gives batches to the steps of a program; the same batches whether the data lies on the device or passes through. */
export class DataFeed {
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
  readonly #options: DataFeedOptions;
  /** Steps whose examples are on the device together; all of an epoch where the data fits. */
  readonly #windowSteps: number;
  /** The step at which the window that is on the device begins. */
  #loaded = -1;

  constructor(options: DataFeedOptions) {
    const { device, data, batchSize } = options;
    this.#options = options;
    this.stepsPerEpoch = stepsPerEpoch(data.length, batchSize);
    const { inputs, targets } = data;
    const largest = Math.max(inputs.data.byteLength, targets.data.byteLength);
    const perStep = largest / data.length * batchSize;
    this.#windowSteps = largest <= device.maxTensorBytes
      ? this.stepsPerEpoch
      : Math.max(1, Math.floor(Math.min(WINDOW_BYTES, device.maxTensorBytes) / perStep));
  }

  get #isWhole(): boolean {
    return this.#windowSteps === this.stepsPerEpoch;
  }

  /** What it keeps on the device: `inputs` and `targets`, under names with the prefix. */
  state(): Record<string, NdArray> {
    const { data, batchSize, prefix } = this.#options;
    const { inputs, targets } = this.#isWhole ? data : this.#rows(0, this.#windowSteps * batchSize);
    this.#loaded = 0;
    return { [`${prefix}inputs`]: inputs, [`${prefix}targets`]: targets };
  }

  /** The batch of a step, from the program's state. `step` is int32 `[]` and counts on through all epochs. */
  batch(state: Readonly<Record<string, Tensor>>, step: Tensor, shuffleSeed?: Tensor): DeviceBatch {
    const { data, batchSize, prefix } = this.#options;
    return batchAt({
      inputs: state[`${prefix}inputs`],
      targets: state[`${prefix}targets`],
      examples: data.length,
      batchSize,
      scale: data.scale,
      step,
      shuffleSeed: this.#isWhole ? shuffleSeed : undefined,
    });
  }

  /** Puts the examples of a step on the device; gives how many steps may be started before this is called again. */
  load(state: State, step: number): number {
    if (this.#isWhole) return Infinity;
    const { batchSize, prefix } = this.#options;
    const inEpoch = step % this.stepsPerEpoch;
    const begin = step - inEpoch % this.#windowSteps;
    if (begin !== this.#loaded) {
      const { inputs, targets } = this.#rows(begin, this.#windowSteps * batchSize);
      state.write(`${prefix}inputs`, inputs);
      state.write(`${prefix}targets`, targets);
      this.#loaded = begin;
    }
    const epochEnd = step - inEpoch + this.stepsPerEpoch;
    return Math.min(begin + this.#windowSteps, epochEnd) - step;
  }

  /** Examples in the order in which steps use them, from a step on. What lies behind the epoch's end is its beginning. */
  #rows(step: number, count: number): { inputs: NdArray; targets: NdArray } {
    const { data, batchSize, shuffleSeed } = this.#options;
    const turn = Math.floor(step / this.stepsPerEpoch);
    const first = (step % this.stepsPerEpoch) * batchSize;
    const order = Uint32Array.from({ length: count }, (_, i) => {
      const position = (first + i) % data.length;
      return shuffleSeed === undefined ? position : shuffledIndex(position, data.length, shuffleSeed, turn);
    });
    return { inputs: rows(data.inputs, order), targets: rows(data.targets, order) };
  }
}
