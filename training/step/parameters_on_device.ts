/** The sets of parameters that a run uses, in the state of its programs. */
import type { NdArray } from "../../engine/array.ts";
import type { State } from "../../engine/state.ts";
import { ParameterBlocks } from "./parameter_blocks.ts";
import type { Parameters } from "./parameters.ts";

/** All sets that steps have asked for. Each goes to the device when it is used for the first time. */
export class ParametersOnDevice {
  /** Where they lie. */
  readonly state: State;
  readonly #blocks: Map<Parameters, ParameterBlocks> = new Map();

  constructor(state: State) {
    this.state = state;
  }

  /** All of them so far. */
  get all(): readonly ParameterBlocks[] {
    return [...this.#blocks.values()];
  }

  /** The blocks of a set. */
  use(set: Parameters): ParameterBlocks {
    const known = this.#blocks.get(set);
    if (known) return known;
    if (this.all.some((other) => other.set.name === set.name)) {
      throw new RangeError(
        `Cannot use two sets of parameters named "${set.name}" in one step: give one of them another name`,
      );
    }
    this.#checkShared(set);
    const blocks = new ParameterBlocks(set, this.state.device);
    this.state.add(blocks.values());
    if (set.average !== undefined) this.state.add(blocks.valuesBeside("average", "same"));
    this.#blocks.set(set, blocks);
    return blocks;
  }

  /** Throws where a value would be changed by one set, and not in another one that has it, too. */
  #checkShared(set: Parameters): void {
    const own = new Map([...set.weights].map(([name, value]) => [value, name]));
    for (const { set: other } of this.all) {
      if (!set.optimizer && !other.optimizer) continue;
      const shared = [...other.weights.values()].find((value) => own.has(value));
      if (!shared) continue;
      throw new RangeError(
        `Cannot use ${set.name} and ${other.name} in one step: both have the weight ${
          own.get(shared)
        }, and each set changes a ` +
          "copy of its own; one set of one model that has all layers would do",
      );
    }
  }

  /** What the sets are now, for {@linkcode ParametersOnDevice.store}. */
  async read(): Promise<Record<string, NdArray>> {
    const names = this.all.flatMap((blocks) => [
      ...blocks.changingNames,
      ...blocks.set.keepAverage ? blocks.namesBeside("average") : [],
    ]);
    const values = await Promise.all(names.map((name) => this.state.read(name)));
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }

  /** Puts values into the sets. */
  store(values: Readonly<Record<string, NdArray>>): void {
    for (const blocks of this.all) blocks.store(values, blocks.set.keepAverage ? "average" : "weights");
  }
}
