/** Sums of a step's metrics over an epoch, on the device. */
import type { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { TracedMetric } from "../step/trace_step.ts";
import { addTo, readSum, resetSum, runningSum } from "./running_sum.ts";

/** How many examples, or steps, a metric was measured in. */
export type CountOf = (metric: TracedMetric) => number;

/** The sums of some metrics. */
export class MetricSums {
  readonly #state: State;
  readonly #metrics: readonly TracedMetric[];
  readonly #prefix: string;

  /** Adds the sums to a state, under names with the prefix. */
  constructor(state: State, metrics: readonly TracedMetric[], prefix: string) {
    this.#state = state;
    this.#metrics = metrics;
    this.#prefix = `${prefix}metrics/`;
    for (const { name } of metrics) state.add(runningSum(this.#prefix + name));
  }

  /** What is measured. */
  get names(): readonly string[] {
    return this.#metrics.map(({ name }) => name);
  }

  /** New state with the numbers of one step in it. */
  add(isMeasured: (metric: TracedMetric) => boolean = () => true): Record<string, Tensor> {
    const entries = this.#metrics.filter(isMeasured).map(({ name, total }) =>
      addTo(this.#state.tensors, this.#prefix + name, total)
    );
    return Object.assign({}, ...entries);
  }

  /** Means over what was added; NaN where nothing was. */
  async means(countOf: CountOf): Promise<Record<string, number>> {
    const sums = await Promise.all(
      this.#metrics.map(({ name }) => readSum(this.#state, this.#prefix + name)),
    );
    return Object.fromEntries(this.#metrics.map((metric, i) => [metric.name, sums[i] / countOf(metric)]));
  }

  /** Sets all back to zero. */
  reset(): void {
    for (const { name } of this.#metrics) resetSum(this.#state, this.#prefix + name);
  }
}
