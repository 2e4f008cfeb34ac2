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

/** Their names. */
export const monitors: readonly Monitor[] = ["loss", "accuracy", "validationLoss", "validationAccuracy"];

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

const figures = ["accuracy", "validationLoss", "validationAccuracy"] as const;

/** What is wrong with the records of a run's first epochs, as they come from a file; undefined if nothing is. */
export function faultOfHistory(history: readonly unknown[]): string | undefined {
  for (const [i, record] of history.entries()) {
    const place = `record ${i + 1}`;
    if (typeof record !== "object" || record === null) return `${place} is not an object`;
    const { epoch, loss, seconds, examplesPerSecond, ...others } = record as Record<string, unknown>;
    if (epoch !== i + 1) return `${place} is of epoch ${typeof epoch === "number" ? epoch : typeof epoch}`;
    for (const [name, value] of Object.entries({ loss, seconds, examplesPerSecond, ...others })) {
      if (typeof value !== "number") return `${name} of ${place} is not a number`;
    }
    const known = Object.keys(others).filter((name) => figures.some((figure) => figure === name));
    if (known.length < Object.keys(others).length) {
      return `${place} has ${Object.keys(others).join(", ")} beside its loss`;
    }
    const has = (of: unknown) => figures.filter((figure) => figure in (of as EpochRecord)).join();
    if (has(record) !== has(history[0])) return `${place} has other figures than record 1`;
  }
  return undefined;
}
