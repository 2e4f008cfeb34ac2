/** What a run has measured. */

/**
 * The figures of one epoch: each metric of the step by its name, the same on the validation data (`validationLoss` for `loss`), and
 * what follows.
 */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Wall-clock time of the epoch, validation included. */
  readonly seconds: number;
  /** Training examples a second, validation left out. */
  readonly examplesPerSecond: number;
  /**
   * A metric: its mean over the epoch's examples (or steps, where a step gives one number), while the parameters changed. `fit`
   * measures `loss` and, of classes, `accuracy`. After the epoch: `validationLoss`, `validationAccuracy` ...
   */
  readonly [metric: string]: number;
}

/** One record an epoch. */
export type History = readonly EpochRecord[];

/** Which values of a figure are better. */
export type Better = "higher" | "lower";

/** Which values of a figure are better, as far as its name tells: lower losses and errors, higher accuracies. */
export function betterByName(figure: string): Better | undefined {
  const words = figure.replaceAll(/[A-Z]/g, " $&").toLowerCase().split(/[^a-z]+/);
  if (words.includes("accuracy")) return "higher";
  return words.includes("loss") || words.includes("error") ? "lower" : undefined;
}

/** Whether one value of a figure is better than another by more than `least`; any is better than NaN. */
export function isBetter(better: Better, value: number, than: number, least = 0): boolean {
  if (Number.isNaN(than)) return !Number.isNaN(value);
  return better === "higher" ? value > than + least : value < than - least;
}

/** The figure; throws when the run does not measure it. */
export function watched(record: EpochRecord, figure: string): number {
  if (Object.hasOwn(record, figure)) return record[figure];
  throw new RangeError(
    `Cannot watch ${figure}: the run measures ${Object.keys(record).join(", ")}` +
      `${figure.startsWith("validation") ? " (give validation data)" : ""}`,
  );
}

/** What is wrong with the records of a run's first epochs, as they come from a file; undefined if nothing is. */
export function faultOfHistory(history: readonly unknown[]): string | undefined {
  for (const [i, record] of history.entries()) {
    const place = `record ${i + 1}`;
    if (typeof record !== "object" || record === null) return `${place} is not an object`;
    const { epoch, seconds, examplesPerSecond, ...metrics } = record as Record<string, unknown>;
    if (epoch !== i + 1) return `${place} is of epoch ${typeof epoch === "number" ? epoch : typeof epoch}`;
    for (const [name, value] of Object.entries({ seconds, examplesPerSecond, ...metrics })) {
      if (typeof value !== "number") return `${name} of ${place} is not a number`;
    }
    const fault = faultOfNames(metrics, history[0] as object, `${place} has`, "record 1");
    if (fault) return fault;
  }
  return undefined;
}

/** What figures are missing, or too many, beside those of another record. */
function faultOfNames(metrics: object, first: object, has: string, than: string): string | undefined {
  const namesOf = (of: object) =>
    Object.keys(of).filter((name) => !ownFigures.includes(name)).sort().join(", ");
  const [own, other] = [namesOf(metrics), namesOf(first)];
  return own === other ? undefined : `${has} ${own || "no figures"}, ${than} has ${other || "none"}`;
}

const ownFigures = ["epoch", "seconds", "examplesPerSecond"];

/** Whether records have the figures of a run, and no others. */
export function faultOfFigures(history: History, names: readonly string[]): string | undefined {
  const wanted = Object.fromEntries(names.map((name) => [name, 0]));
  return history.length === 0 ? undefined : faultOfNames(history[0], wanted, "its history has", "the run");
}
