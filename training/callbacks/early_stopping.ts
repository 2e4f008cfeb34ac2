/** A callback that ends runs. */
import { from, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { isBetter, watched } from "../loop/history.ts";
import type { Callback, RunContext } from "./callback.ts";
import { betterOf, describeMonitor, type MonitorOptions, monitorOptions } from "./monitor.ts";

/** Options of {@linkcode earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without a better value after which the run ends; 3 when left out. */
  readonly patience?: number;
  /** By how much a value has to be better to count; 0 when left out. */
  readonly minDelta?: number;
}

/**
 * Ends a run when a figure has stopped getting better. A run that is gone on with ends where it would have ended
 * without the break.
 *
 * @throws {TypeError} when the name of the figure does not tell which values are better, and no option does.
 *
 * @example
 * ```ts
 * import { training } from "@gesso/gesso";
 *
 * const callbacks = [
 *   training.earlyStopping({ monitor: "validationAccuracy", patience: 5 }),
 *   training.earlyStopping({ monitor: "validationF1", better: "higher" }),
 * ];
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const attempt = "make earlyStopping";
  const read = readOptions(attempt, options, {
    ...monitorOptions,
    patience: optional(whole(1), 3),
    minDelta: optional(from(0), 0),
  });
  const { monitor, patience, minDelta } = read;
  const better = betterOf(attempt, read);
  const stopIfDone = (run: RunContext) => {
    let best: number | undefined;
    let waited = 0;
    for (const record of run.history) {
      const value = watched(record, monitor);
      if (best === undefined || isBetter(better, value, best, minDelta)) {
        best = value;
        waited = 0;
      } else if (++waited >= patience) return run.stop();
    }
  };
  return {
    name: `earlyStopping(${describeMonitor(read)}, patience ${patience}, minDelta ${minDelta})`,
    onStart: stopIfDone,
    onEpoch: (_record, run) => stopIfDone(run),
  };
}
