/**
 * A set of parameters as blocks on a device: what is trained, running statistics, what is frozen. Each is one block, so that an
 * update is one kernel, or as many as the largest tensor of the device asks for. Laid one after another, the blocks are the same
 * wherever they were split.
 */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { formatBytes } from "../../engine/explain.ts";
import { formatShape, sizeOf } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { pack, type PackLayout, packLayout, unpack } from "../../ops/mod.ts";
import type { ParameterRole, Parameters, ParameterSpec } from "./parameters.ts";
import type { ParameterVersion } from "./step_scope.ts";

/** What of a device decides how blocks are split. */
export type BlockLimit = Pick<Device, "maxTensorBytes" | "description">;

/** Some parameters, and where they lie in a block. */
interface Block {
  readonly specs: readonly ParameterSpec[];
  readonly layout: PackLayout;
}

/** What blocks of a role are called. */
const blockNames: Record<ParameterRole, string> = {
  trained: "weights",
  statistics: "statistics",
  frozen: "frozen",
};

const roles = ["trained", "statistics", "frozen"] as const;

/** The names under which a block's parts are kept, the first of which has its own. */
const partNames = (name: string, blocks: readonly Block[]): string[] =>
  blocks.map((_, i) => i === 0 ? name : `${name} part ${i + 1}`);

/** How the parameters of a set lie in blocks. */
export class ParameterBlocks {
  /** The set. */
  readonly set: Parameters;
  readonly #blocks: Readonly<Record<ParameterRole, readonly Block[]>>;

  /** @throws {RangeError} when a single parameter is larger than a tensor of the device may be. */
  constructor(set: Parameters, device: BlockLimit) {
    this.set = set;
    const blocksOf = (role: ParameterRole) =>
      splitSpecs(set.name, set.specs.filter((spec) => spec.role === role), device);
    this.#blocks = {
      trained: blocksOf("trained"),
      statistics: blocksOf("statistics"),
      frozen: blocksOf("frozen"),
    };
  }

  /** A name of state that belongs to the set. */
  named(name: string): string {
    return `parameters/${this.set.name}/${name}`;
  }

  /** Elements of each block of trained parameters. */
  get sizes(): readonly number[] {
    return this.#blocks.trained.map(({ layout }) => layout.size);
  }

  /** The names of the blocks of a role as state. */
  names(role: ParameterRole): readonly string[] {
    return partNames(this.named(blockNames[role]), this.#blocks[role]);
  }

  /** The names of blocks that lie beside those of trained parameters, one for each. */
  namesBeside(name: string): readonly string[] {
    return partNames(this.named(name), this.#blocks.trained);
  }

  /** The names of all that a step may change of the parameters themselves. */
  get changingNames(): readonly string[] {
    return [...this.names("trained"), ...this.names("statistics")];
  }

  /** All blocks with the present values of the set, by their names as state. */
  values(): Record<string, NdArray> {
    return Object.fromEntries(roles.flatMap((role) => this.#filled(role, this.names(role))));
  }

  /** Blocks beside the trained ones, with the same values or zeros. */
  valuesBeside(name: string, first: "zeros" | "same"): Record<string, NdArray> {
    const names = this.namesBeside(name);
    if (first === "same") return Object.fromEntries(this.#filled("trained", names));
    return Object.fromEntries(
      this.sizes.map((size, i) => [names[i], ndarray("float32", [size], new Float32Array(size))]),
    );
  }

  #filled(role: ParameterRole, names: readonly string[]): [string, NdArray][] {
    const { weights } = this.set;
    return this.#blocks[role].map(({ specs, layout }, b) => {
      const block = new Float32Array(layout.size);
      specs.forEach(({ name }, i) => block.set(weights.get(name)!.data, layout.offsets[i]));
      return [names[b], ndarray("float32", [layout.size], block)];
    });
  }

  /** Puts values that were read back into the set: trained parameters or their average, and the others if they are given. */
  store(values: Readonly<Record<string, NdArray>>, version: ParameterVersion): void {
    const take = (blocks: readonly Block[], names: readonly string[]) =>
      blocks.forEach(({ specs, layout }, b) =>
        specs.forEach(({ name, shape }, i) => {
          const block = values[names[b]]?.data as Float32Array | undefined;
          const data = block?.slice(layout.offsets[i], layout.offsets[i] + sizeOf(shape));
          if (!data) return;
          this.set.setWeight(name, { dtype: "float32", shape, data });
        })
      );
    take(this.#blocks.trained, this.namesBeside(version));
    take(this.#blocks.statistics, this.names("statistics"));
    take(this.#blocks.frozen, this.names("frozen"));
  }

  /** All parameters as tensors by their names, from the blocks of a program's state; and those that are trained, in order. */
  tensors(
    state: Readonly<Record<string, Tensor>>,
    version: ParameterVersion,
  ): { all: Record<string, Tensor>; trained: Tensor[] } {
    const all: Record<string, Tensor> = {};
    const take = (blocks: readonly Block[], names: readonly string[]) =>
      blocks.flatMap(({ specs, layout }, b) => {
        const tensors = unpack(state[names[b]], layout);
        specs.forEach(({ name }, i) => all[name] = tensors[i]);
        return tensors;
      });
    const trained = take(this.#blocks.trained, this.namesBeside(version));
    take(this.#blocks.statistics, this.names("statistics"));
    take(this.#blocks.frozen, this.names("frozen"));
    return { all, trained };
  }

  /** The names of trained parameters, in the order of their tensors. */
  get trained(): readonly string[] {
    return this.#blocks.trained.flatMap(({ specs }) => specs.map(({ name }) => name));
  }

  /** Gradients of the trained parameters, in their order, as blocks. */
  packGradients(gradients: readonly Tensor[]): Tensor[] {
    let at = 0;
    return this.#blocks.trained.map(({ specs }) => pack(gradients.slice(at, at += specs.length)));
  }

  /** The blocks of statistics by their names as state, from all parameters as they are after the step. */
  packStatistics(after: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const names = this.names("statistics");
    return Object.fromEntries(
      this.#blocks.statistics.map(({ specs }, b) => [names[b], pack(specs.map(({ name }) => after[name]))]),
    );
  }

  /** For each block, one where weight decay applies, zero elsewhere: parameters with two axes or more. */
  decays(): Float32Array[] {
    return this.#perElement(({ shape }) => shape.length >= 2 ? 1 : 0);
  }

  /** For each block, what the learning rate is multiplied by; undefined where it is the same for all. */
  rates(): Float32Array[] | undefined {
    const isUsual = this.#blocks.trained.every(({ specs }) => specs.every(({ rate }) => rate === 1));
    return isUsual ? undefined : this.#perElement(({ rate }) => rate);
  }

  #perElement(value: (spec: ParameterSpec) => number): Float32Array[] {
    return this.#blocks.trained.map(({ specs, layout }) => {
      const values = new Float32Array(layout.size);
      specs.forEach((spec, i) =>
        values.fill(value(spec), layout.offsets[i], layout.offsets[i] + sizeOf(spec.shape))
      );
      return values;
    });
  }

  /** State with the blocks of each kind as one, so that it does not depend on the device. */
  joined(state: Readonly<Record<string, NdArray>>): Record<string, NdArray> {
    const result = { ...state };
    for (const { name, keys } of this.#kinds()) {
      if (keys.length < 2 || !Object.hasOwn(state, name)) continue;
      const parts = keys.map((key) => state[key].data as Float32Array);
      const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      for (const key of keys) delete result[key];
      result[name] = ndarray("float32", [whole.length], whole);
    }
    return result;
  }

  /** What {@linkcode ParameterBlocks.joined} gave, split again; what is missing or of another size is left as it is. */
  split(state: Readonly<Record<string, NdArray>>): Record<string, NdArray> {
    const result = { ...state };
    for (const { name, keys, sizes } of this.#kinds()) {
      const whole = state[name]?.data as Float32Array | undefined;
      if (keys.length < 2 || whole?.length !== sizes.reduce((a, b) => a + b, 0)) continue;
      let at = 0;
      keys.forEach((key, i) => {
        result[key] = ndarray("float32", [sizes[i]], whole.subarray(at, at += sizes[i]));
      });
    }
    return result;
  }

  /** The kinds of blocks that a run may keep, and the names and sizes of their parts. */
  #kinds() {
    const beside = ["average", "accumulated", ...slotNames(this.set)];
    return [
      ...roles.map((role) => [blockNames[role], this.#blocks[role]] as const),
      ...beside.map((name) => [name, this.#blocks.trained] as const),
    ].map(([short, blocks]) => {
      const name = this.named(short);
      return { name, keys: partNames(name, blocks), sizes: blocks.map(({ layout }) => layout.size) };
    });
  }
}

/** What a set's optimizer keeps, by the names of its blocks. */
export const slotNames = ({ optimizer }: Parameters): string[] =>
  (optimizer?.slots ?? []).map((slot) => `slot/${slot}`);

/** Parameters in as few blocks as a device allows, in their order. */
function splitSpecs(
  owner: string,
  specs: readonly ParameterSpec[],
  { maxTensorBytes, description }: BlockLimit,
): Block[] {
  const bytesOf = (some: readonly ParameterSpec[]) => 4 * packLayout(some.map((w) => w.shape)).size;
  const groups: ParameterSpec[][] = [];
  for (const spec of specs) {
    const bytes = bytesOf([spec]);
    if (bytes > maxTensorBytes) {
      const [size, most] = [bytes, maxTensorBytes].map(formatBytes);
      throw new RangeError(
        `Cannot use ${owner} on ${description}: its weight ${spec.name} ${formatShape(spec.shape)} ` +
          `takes ${size}, a tensor there may have ${most}; a smaller layer fits, or several in its place`,
      );
    }
    const last = groups.at(-1);
    if (last && bytesOf([...last, spec]) <= maxTensorBytes) last.push(spec);
    else groups.push([spec]);
  }
  return groups.map((group) => ({ specs: group, layout: packLayout(group.map((w) => w.shape)) }));
}
