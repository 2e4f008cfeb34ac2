/** Names of metrics, which stand beside other figures in an epoch's record. */

/** What records and progress have of their own. */
const taken = ["epoch", "epochs", "step", "steps", "seconds", "secondsLeft", "examplesPerSecond"];

/** Throws for names that stand for something else. */
export function checkMetricNames(names: readonly string[]): void {
  const wrong = names.find((name) => taken.includes(name) || /^validation[A-Z]/.test(name) || name === "");
  if (wrong === undefined) return;
  throw new RangeError(
    `Cannot measure "${wrong}": an epoch's record has ${
      taken.join(", ")
    } of its own, and validation figures beside metrics`,
  );
}

/** What a metric is called when it is measured on the validation data: `validationLoss`. */
export const validationName = (metric: string): string =>
  `validation${metric[0].toUpperCase()}${metric.slice(1)}`;
