/** What a run has measured. */

/** The figures of one epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** The mean loss over the epoch's training examples, while the weights changed. */
  readonly loss: number;
  /** What part of them was classified right; only for classes. */
  readonly accuracy?: number;
  /** The same on the validation data, after the epoch. */
  readonly validationLoss?: number;
  /** What part of the validation examples is right. */
  readonly validationAccuracy?: number;
  /** Wall-clock time of the epoch, validation included. */
  readonly seconds: number;
  /** Training examples a second, validation left out. */
  readonly examplesPerSecond: number;
}

/** One record an epoch. */
export type History = readonly EpochRecord[];

/** The figures that callbacks can watch. */
export type Monitor = "loss" | "accuracy" | "validationLoss" | "validationAccuracy";

/** Whether one value of a figure is better than another by more than `least`; any is better than NaN. */
export function isBetter(monitor: Monitor, value: number, than: number, least = 0): boolean {
  if (Number.isNaN(than)) return !Number.isNaN(value);
  return monitor.toLowerCase().endsWith("accuracy") ? value > than + least : value < than - least;
}

/** The figure; throws when the run does not measure it. */
export function watched(record: EpochRecord, monitor: Monitor): number {
  const value = record[monitor];
  if (value === undefined) {
    throw new RangeError(
      `Cannot watch ${monitor}: the run measures ${Object.keys(record).join(", ")}` +
        `${monitor.startsWith("validation") ? " (give validation data)" : ""}`,
    );
  }
  return value;
}
