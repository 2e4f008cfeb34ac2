/** Names of layers in a model: given ones, or counted by type. */
import type { Layer } from "../layer.ts";
import type { Model } from "../model.ts";
import type { Place } from "./symbolic_tensor.ts";

/** Gives each place of a layer a name that no other has. */
export class LayerNames {
  readonly #counts = new Map<string, number>();
  readonly #places = new Map<Layer, number>();
  readonly #models = new Map<Model, string>();
  readonly #taken = new Set<string>();

  /**
   * The name of the next layer: `dense_2` for the second dense layer, `dense_2#2` where it is placed once more, and
   * `encoder/dense_2` where it came with a model.
   *
   * @throws {RangeError} when the name that it was given is taken.
   */
  next({ layer, name, origin }: Pick<Place, "layer" | "name" | "origin">, owner?: string): string {
    const again = (this.#places.get(layer) ?? 0) + 1;
    this.#places.set(layer, again);
    const own = name ?? (owner === undefined ? this.#first(layer, origin) : `${owner}#${again}`);
    if (this.#taken.has(own)) throw new RangeError(`Cannot make a model with two layers named "${own}"`);
    this.#taken.add(own);
    return own;
  }

  #first(layer: Layer, origin: Place["origin"]): string {
    if (origin) return `${this.#modelName(origin.model)}/${origin.name}`;
    const count = (this.#counts.get(layer.type) ?? 0) + 1;
    this.#counts.set(layer.type, count);
    return layer.name ?? `${layer.type}_${count}`;
  }

  #modelName(model: Model): string {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const others = [...this.#models.values()];
    let name = model.name;
    for (let count = 2; others.includes(name); count++) name = `${model.name}_${count}`;
    this.#models.set(model, name);
    return name;
  }
}
