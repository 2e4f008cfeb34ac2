/** A callback that keeps the best epoch. */
import type { NdArray } from "../../engine/array.ts";
import { readOptions } from "../../engine/options.ts";
import { isBetter, watched } from "../loop/history.ts";
import type { Parameters } from "../step/parameters.ts";
import type { Callback } from "./callback.ts";
import { betterOf, describeMonitor, type MonitorOptions, monitorOptions } from "./monitor.ts";

/** The values of all sets, by the set's name and their own. */
type Kept = Readonly<Record<string, NdArray>>;
type Sets = Readonly<Record<string, Parameters>>;

const valuesOf = (sets: Sets): Kept =>
  Object.fromEntries(
    Object.entries(sets).flatMap(([set, { weights }]) =>
      [...weights].map(([name, value]) => [`${set}/${name}`, value])
    ),
  );

function giveBack(sets: Sets, kept: Kept): void {
  for (const [name, set] of Object.entries(sets)) {
    for (const weight of [...set.weights.keys()]) {
      const value = kept[`${name}/${weight}`];
      if (value) set.setWeight(weight, value);
    }
  }
}

/**
 * Keeps the parameters of the epoch with the best figure and gives them back to the model (or the sets) at the end. They are in the
 * run's checkpoints, too: a run that is gone on with ends with the weights of one without a break.
 *
 * @throws {TypeError} when the name of the figure does not tell which values are better, and no option does.
 */
export function bestWeights(options: MonitorOptions = {}): Callback {
  const attempt = "make bestWeights";
  const read = readOptions(attempt, options, monitorOptions);
  const { monitor } = read;
  const better = betterOf(attempt, read);
  let best: { value: number; kept: Kept } | undefined;
  return {
    name: `bestWeights(${describeMonitor(read)})`,
    onStart: () => {
      best = undefined;
    },
    onEpoch: (record, { parameters }) => {
      const value = watched(record, monitor);
      if (!best || isBetter(better, value, best.value)) best = { value, kept: valuesOf(parameters) };
    },
    onEnd: ({ parameters }) => {
      if (best) giveBack(parameters, best.kept);
    },
    save: () => best ? { values: { value: best.value }, tensors: best.kept } : {},
    load: ({ values = {}, tensors = {} }) => {
      const { value } = values;
      best = typeof value === "number" ? { value, kept: tensors } : undefined;
    },
  };
}
