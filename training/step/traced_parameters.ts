/** Sets of parameters within one trace of a step: their tensors, and what layers change of them by themselves. */
import { Tensor } from "../../engine/tensor.ts";
import type { Precision } from "../../models/precision.ts";
import type { RandomSource } from "../../ops/mod.ts";
import type { CarriedState } from "./carried_state.ts";
import { namedTensors } from "./named_tensors.ts";
import type { Parameters } from "./parameters.ts";
import type { ParametersOnDevice } from "./parameters_on_device.ts";
import type { ModelInputs, Outputs, ParameterVersion, StepScope, UseOptions } from "./step_scope.ts";

/** How models behave in a step. */
export interface TraceMode {
  readonly isTraining: boolean;
  readonly random: RandomSource;
  readonly precision: Precision;
  /** What models hand on from step to step; nothing when left out. */
  readonly carried?: CarriedState;
}

/** The result of a layer, for those who look for the first one that is wrong. */
export interface WatchedLayer {
  readonly set: Parameters;
  readonly layer: string;
  readonly result: Tensor;
}

interface SetTensors {
  /** As the step found them. */
  readonly first: Readonly<Record<string, Tensor>>;
  /** As the next use finds them. */
  readonly all: Record<string, Tensor>;
  readonly trained: readonly Tensor[];
  /** New running statistics by name. */
  readonly updates: Record<string, Tensor>;
}

/** The scope of one trace. */
export class TracedParameters implements StepScope<Parameters> {
  /** What layers gave, in the order in which they were applied. */
  readonly watched: WatchedLayer[] = [];
  readonly #sets: ParametersOnDevice;
  readonly #mode: TraceMode;
  readonly #tensors: Record<ParameterVersion, Map<Parameters, SetTensors>> = {
    weights: new Map(),
    average: new Map(),
  };

  constructor(sets: ParametersOnDevice, mode: TraceMode) {
    this.#sets = sets;
    this.#mode = mode;
  }

  values(set: Parameters, version: ParameterVersion): Readonly<Record<string, Tensor>> {
    return namedTensors(`parameter of ${set.name}`, this.#of(set, version).all);
  }

  apply(set: Parameters, version: ParameterVersion, x: ModelInputs, { counts }: UseOptions = {}): Outputs {
    const { random, precision, carried } = this.#mode;
    const [{ shape: [batch] }] = x instanceof Tensor ? [x] : Object.values(x);
    const tensors = this.#of(set, version);
    const training = this.#mode.isTraining && version === "weights" && set.optimizer !== undefined;
    const { output, outputs, updates, carry } = set.model!.apply(x, tensors.all, {
      training,
      random,
      precision: this.#mode.isTraining ? precision : "float32",
      counts,
      carry: carried?.before(set, version, batch),
      watch: (layer, result) => this.watched.push({ set, layer, result }),
    });
    carried?.after(set, version, carry);
    for (const { name, role } of set.specs) {
      if (role !== "statistics" || !Object.hasOwn(updates, name)) continue;
      // The next use in this step goes on from there.
      tensors.all[name] = tensors.updates[name] = updates[name];
    }
    return { output, outputs: namedTensors(`output of ${set.name}`, outputs) };
  }

  /** The trained parameters of a set, in the order of its blocks. */
  trained(set: Parameters): readonly Tensor[] {
    return this.#of(set, "weights").trained;
  }

  /** Gives a parameter its value for the next step. */
  assign(set: Parameters, name: string, value: Tensor): void {
    this.#of(set, "weights").updates[name] = value;
  }

  /** All parameters as the step found them, with names for each. */
  get given(): [Tensor, string][] {
    return Object.entries(this.#tensors).flatMap(([version, sets]) =>
      [...sets].flatMap(([{ name: set }, { first }]) =>
        Object.entries(first).map(([name, value]): [Tensor, string] => [value, `${version} ${set}/${name}`])
      )
    );
  }

  /** New running statistics of all sets by their names in the sets. */
  get updates(): readonly (readonly [string, Tensor])[] {
    return [...this.#tensors.weights.values()].flatMap(({ updates }) => Object.entries(updates));
  }

  /** What models hand on to the next step, by the names of state. */
  get carried(): Record<string, Tensor> {
    return this.#mode.carried?.next ?? {};
  }

  /** The blocks of running statistics that the step has changed, by their names as state. */
  statistics(): Record<string, Tensor> {
    return Object.fromEntries(this.#sets.all.flatMap((blocks) => {
      const tensors = this.#tensors.weights.get(blocks.set);
      if (!tensors || Object.keys(tensors.updates).length === 0) return [];
      return Object.entries(blocks.packStatistics({ ...tensors.all, ...tensors.updates }));
    }));
  }

  #of(set: Parameters, version: ParameterVersion): SetTensors {
    const known = this.#tensors[version].get(set);
    if (known) return known;
    const blocks = this.#sets.use(set);
    const { all, trained } = blocks.tensors(this.#sets.state.tensors, version);
    const tensors = { first: { ...all }, all, trained, updates: {} };
    this.#tensors[version].set(set, tensors);
    return tensors;
  }
}
