/** A model's weights as blocks on a device: what is trained in one, running statistics in another. */
import { type NdArray, ndarray } from "../engine/array.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Model } from "../models/model.ts";
import { pack, type PackLayout, packLayout, unpack } from "../ops/mod.ts";

/** How a model's weights lie in the blocks. */
export class ModelBlocks {
  readonly #model: Model;
  readonly #trained: readonly string[];
  readonly #kept: readonly string[];
  readonly #trainedLayout: PackLayout;
  readonly #keptLayout: PackLayout;

  constructor(model: Model) {
    this.#model = model;
    const specs = model.weightSpecs;
    const pick = (trainable: boolean) => specs.filter((w) => w.spec.trainable === trainable);
    this.#trained = pick(true).map((w) => w.name);
    this.#kept = pick(false).map((w) => w.name);
    this.#trainedLayout = packLayout(pick(true).map((w) => w.spec.shape));
    this.#keptLayout = packLayout(pick(false).map((w) => w.spec.shape));
  }

  /** Elements of the block of trained weights. */
  get size(): number {
    return this.#trainedLayout.size;
  }

  /** Whether there are statistics. */
  get hasStatistics(): boolean {
    return this.#kept.length > 0;
  }

  /** The blocks with the model's present values, by their names as state. */
  values(): Record<string, NdArray> {
    const fill = (names: readonly string[], layout: PackLayout) => {
      const block = new Float32Array(layout.size);
      names.forEach((name, i) => block.set(this.#model.weights.get(name)!.data, layout.offsets[i]));
      return ndarray("float32", [layout.size], block);
    };
    const weights = fill(this.#trained, this.#trainedLayout);
    return this.hasStatistics ? { weights, statistics: fill(this.#kept, this.#keptLayout) } : { weights };
  }

  /** Puts values that were read back into the model. */
  store(values: Readonly<Record<string, NdArray>>): void {
    const take = (names: readonly string[], layout: PackLayout, block: NdArray | undefined) =>
      names.forEach((name, i) => {
        const { shape } = this.#model.weights.get(name)!;
        const size = shape.reduce((a, b) => a * b, 1);
        const data = (block!.data as Float32Array).slice(layout.offsets[i], layout.offsets[i] + size);
        this.#model.setWeight(name, { dtype: "float32", shape, data });
      });
    take(this.#trained, this.#trainedLayout, values.weights);
    if (this.hasStatistics) take(this.#kept, this.#keptLayout, values.statistics);
  }

  /** All weights as tensors by their full names, from the blocks of a program's state. */
  tensors(state: Readonly<Record<string, Tensor>>): { all: Record<string, Tensor>; trained: Tensor[] } {
    const trained = unpack(state.weights, this.#trainedLayout);
    const kept = this.hasStatistics ? unpack(state.statistics, this.#keptLayout) : [];
    const all: Record<string, Tensor> = {};
    this.#trained.forEach((name, i) => all[name] = trained[i]);
    this.#kept.forEach((name, i) => all[name] = kept[i]);
    return { all, trained };
  }

  /** Gradients of the trained weights, in their order, as one block. */
  packGradients(gradients: readonly Tensor[]): Tensor {
    return pack(gradients);
  }

  /** The block of statistics with some of them replaced. */
  packStatistics(state: Readonly<Record<string, Tensor>>, updates: Readonly<Record<string, Tensor>>): Tensor {
    const { all } = this.tensors(state);
    return pack(this.#kept.map((name) => updates[name] ?? all[name]));
  }

  /** One where weight decay applies, zero elsewhere: weights with two axes or more. */
  decays(): Float32Array {
    const mask = new Float32Array(this.size);
    this.#trained.forEach((name, i) => {
      const { shape } = this.#model.weights.get(name)!;
      const size = shape.reduce((a, b) => a * b, 1);
      if (shape.length >= 2) {
        mask.fill(1, this.#trainedLayout.offsets[i], this.#trainedLayout.offsets[i] + size);
      }
    });
    return mask;
  }
}
