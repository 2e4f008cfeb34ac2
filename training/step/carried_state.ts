/** What the models of a step hand on to the next step: it lies in the state of the programs, and is zeros in each epoch's first step. */
import type { NdArray } from "../../engine/array.ts";
import type { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { where } from "../../ops/mod.ts";
import type { Parameters } from "./parameters.ts";
import type { ParameterVersion } from "./step_scope.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** What is handed on within one trace of a step, and out of it. */
export class CarriedState {
  readonly #state: State;
  readonly #prefix: string;
  readonly #isFirst: Tensor;
  readonly #next = new Map<string, Tensors>();

  /**
   * @param prefix What the names of its state begin with.
   * @param isFirst Whether the step is the first one of an epoch; bool `[]`.
   */
  constructor(state: State, prefix: string, isFirst: Tensor) {
    this.#state = state;
    this.#prefix = prefix;
    this.#isFirst = isFirst;
  }

  /** What was handed on to a model, by the step before or by its use before in this step. */
  before(set: Parameters, version: ParameterVersion, batch: number): Tensors {
    const place = this.#placeOf(set, version);
    const inStep = this.#next.get(place);
    if (inStep) return inStep;
    const values = Object.entries(set.model!.firstCarry(batch))
      .map(([name, zeros]): [string, NdArray] => [`${place}/${name}`, zeros]);
    const { names } = this.#state;
    // A step that is traced once more has its state already.
    this.#state.add(Object.fromEntries(values.filter(([name]) => !names.includes(name))));
    return Object.fromEntries(
      values.map((
        [name],
      ) => [name.slice(place.length + 1), where(this.#isFirst, 0, this.#state.tensors[name])]),
    );
  }

  /** Takes what a model hands on. */
  after(set: Parameters, version: ParameterVersion, carry: Tensors): void {
    this.#next.set(this.#placeOf(set, version), carry);
  }

  /** The new state, by name. */
  get next(): Record<string, Tensor> {
    return Object.fromEntries(
      [...this.#next].flatMap(([place, carry]) =>
        Object.entries(carry).map(([name, value]) => [`${place}/${name}`, value])
      ),
    );
  }

  #placeOf(set: Parameters, version: ParameterVersion): string {
    return `${this.#prefix}carry/${set.name}${version === "average" ? " average" : ""}`;
  }
}
