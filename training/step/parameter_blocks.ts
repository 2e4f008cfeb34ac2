/**
 * A model's weights as blocks on a device: what is trained, and running statistics. Each is one block, so that an update is
 * one kernel, or as many as the largest tensor of the device asks for. Laid one after another, the blocks are the same
 * wherever they were split.
 */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { formatBytes } from "../../engine/explain.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Model } from "../../models/model.ts";
import { pack, type PackLayout, packLayout, unpack } from "../../ops/mod.ts";

/** What of a device decides how blocks are split. */
export type BlockLimit = Pick<Device, "maxTensorBytes" | "description">;

/** Some weights, and where they lie in a block. */
interface Block {
  readonly names: readonly string[];
  readonly layout: PackLayout;
}

/** The names under which a block's parts are kept, the first of which has its own. */
const partNames = (name: string, blocks: readonly Block[]): string[] =>
  blocks.map((_, i) => i === 0 ? name : `${name} part ${i + 1}`);

/** How a model's weights lie in the blocks. */
export class ModelBlocks {
  readonly #model: Model;
  readonly #trained: readonly Block[];
  readonly #kept: readonly Block[];

  /** @throws {RangeError} when a single weight is larger than a tensor of the device may be. */
  constructor(model: Model, device: BlockLimit) {
    this.#model = model;
    const pick = (trainable: boolean) =>
      model.weightSpecs.filter((w) => w.spec.trainable === trainable)
        .map(({ name, spec: { shape } }) => ({ name, shape }));
    this.#trained = splitWeights(model, pick(true), device);
    this.#kept = splitWeights(model, pick(false), device);
  }

  /** Elements of each block of trained weights. */
  get sizes(): readonly number[] {
    return this.#trained.map(({ layout }) => layout.size);
  }

  /** The names of the blocks of trained weights as state. */
  get trainedNames(): readonly string[] {
    return partNames("weights", this.#trained);
  }

  /** The names of the blocks of statistics as state. */
  get statisticsNames(): readonly string[] {
    return partNames("statistics", this.#kept);
  }

  /** The names of blocks that lie beside those of trained weights, one for each. */
  namesBeside(name: string): readonly string[] {
    return partNames(name, this.#trained);
  }

  /** The blocks with the model's present values, by their names as state. */
  values(): Record<string, NdArray> {
    const fill = (blocks: readonly Block[], keys: readonly string[]) =>
      blocks.map(({ names, layout }, b) => {
        const block = new Float32Array(layout.size);
        names.forEach((name, i) => block.set(this.#model.weights.get(name)!.data, layout.offsets[i]));
        return [keys[b], ndarray("float32", [layout.size], block)] as const;
      });
    return Object.fromEntries([
      ...fill(this.#trained, this.trainedNames),
      ...fill(this.#kept, this.statisticsNames),
    ]);
  }

  /** Puts values that were read back into the model. */
  store(values: Readonly<Record<string, NdArray>>): void {
    const take = (blocks: readonly Block[], keys: readonly string[]) =>
      blocks.forEach(({ names, layout }, b) =>
        names.forEach((name, i) => {
          const { shape } = this.#model.weights.get(name)!;
          const size = shape.reduce((a, b) => a * b, 1);
          const block = values[keys[b]].data as Float32Array;
          const data = block.slice(layout.offsets[i], layout.offsets[i] + size);
          this.#model.setWeight(name, { dtype: "float32", shape, data });
        })
      );
    take(this.#trained, this.trainedNames);
    take(this.#kept, this.statisticsNames);
  }

  /** All weights as tensors by their full names, from the blocks of a program's state. */
  tensors(state: Readonly<Record<string, Tensor>>): { all: Record<string, Tensor>; trained: Tensor[] } {
    const all: Record<string, Tensor> = {};
    const take = (blocks: readonly Block[], keys: readonly string[]) =>
      blocks.flatMap(({ names, layout }, b) => {
        const tensors = unpack(state[keys[b]], layout);
        names.forEach((name, i) => all[name] = tensors[i]);
        return tensors;
      });
    const trained = take(this.#trained, this.trainedNames);
    take(this.#kept, this.statisticsNames);
    return { all, trained };
  }

  /** Gradients of the trained weights, in their order, as blocks. */
  packGradients(gradients: readonly Tensor[]): Tensor[] {
    let at = 0;
    return this.#trained.map(({ names }) => pack(gradients.slice(at, at += names.length)));
  }

  /** The blocks of statistics, by their names as state, with some of them replaced. */
  packStatistics(
    state: Readonly<Record<string, Tensor>>,
    updates: Readonly<Record<string, Tensor>>,
  ): Record<string, Tensor> {
    const { all } = this.tensors(state);
    const keys = this.statisticsNames;
    return Object.fromEntries(
      this.#kept.map(({ names }, b) => [keys[b], pack(names.map((name) => updates[name] ?? all[name]))]),
    );
  }

  /** For each block, one where weight decay applies, zero elsewhere: weights with two axes or more. */
  decays(): Float32Array[] {
    return this.#trained.map(({ names, layout }) => {
      const mask = new Float32Array(layout.size);
      names.forEach((_, i) => {
        const shape = layout.shapes[i];
        const size = shape.reduce((a, b) => a * b, 1);
        if (shape.length >= 2) mask.fill(1, layout.offsets[i], layout.offsets[i] + size);
      });
      return mask;
    });
  }

  /** State with the blocks of each kind as one, so that it does not depend on the device. */
  joined(state: Readonly<Record<string, NdArray>>, beside: readonly string[]): Record<string, NdArray> {
    const result = { ...state };
    for (const { name, keys } of this.#kinds(beside)) {
      if (keys.length < 2) continue;
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

  /** What {@linkcode ModelBlocks.joined} gave, split again; what is missing or of another size is left as it is. */
  split(state: Readonly<Record<string, NdArray>>, beside: readonly string[]): Record<string, NdArray> {
    const result = { ...state };
    for (const { name, keys, sizes } of this.#kinds(beside)) {
      const whole = state[name]?.data as Float32Array | undefined;
      if (keys.length < 2 || whole?.length !== sizes.reduce((a, b) => a + b, 0)) continue;
      let at = 0;
      keys.forEach((key, i) => {
        result[key] = ndarray("float32", [sizes[i]], whole.subarray(at, at += sizes[i]));
      });
    }
    return result;
  }

  /** The kinds of blocks that a run keeps, and the names and sizes of their parts. */
  #kinds(beside: readonly string[]) {
    const sizesOf = (blocks: readonly Block[]) => blocks.map(({ layout }) => layout.size);
    return [
      ...["weights", ...beside].map((name) => ({
        name,
        keys: partNames(name, this.#trained),
        sizes: sizesOf(this.#trained),
      })),
      { name: "statistics", keys: this.statisticsNames, sizes: sizesOf(this.#kept) },
    ];
  }
}

/** Weights in as few blocks as a device allows, in their order. */
function splitWeights(
  model: Model,
  weights: readonly { readonly name: string; readonly shape: readonly number[] }[],
  { maxTensorBytes, description }: BlockLimit,
): Block[] {
  const bytesOf = (some: typeof weights) => 4 * packLayout(some.map((w) => w.shape)).size;
  const groups: (typeof weights[number])[][] = [];
  for (const weight of weights) {
    const bytes = bytesOf([weight]);
    if (bytes > maxTensorBytes) {
      const [size, most] = [bytes, maxTensorBytes].map(formatBytes);
      throw new RangeError(
        `Cannot use ${model.name} on ${description}: its weight ${weight.name} ${
          formatShape(weight.shape)
        } ` +
          `takes ${size}, a tensor there may have ${most}; a smaller layer fits, or several in its place`,
      );
    }
    const last = groups.at(-1);
    if (last && bytesOf([...last, weight]) <= maxTensorBytes) last.push(weight);
    else groups.push([weight]);
  }
  return groups.map((group) => ({
    names: group.map((w) => w.name),
    layout: packLayout(group.map((w) => w.shape)),
  }));
}
