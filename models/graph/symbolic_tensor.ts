/** What graph models are written with: values that have a shape and know where they come from, and nothing else. */
import { type Kind, objectThat, oneOf, sizesFrom, text } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import { checkShape, sameShape, type Shape } from "../../engine/shape.ts";
import { type InputDType, isLayer, type Layer } from "../layer.ts";
import type { Model } from "../model.ts";
import { checkPlace, formatInput, type LayerInput, type PlacedShapes } from "./check_place.ts";
import type { Source } from "./model_graph.ts";

/** What can be placed in a model: a layer, or a whole model. */
export type Placeable = Layer | Model;

/** A layer where it has got its inputs. */
export interface Place extends PlacedShapes {
  readonly layer: Layer;
  readonly inputs: readonly SymbolicTensor[];
  /** Its name, where that is settled already, as in files. */
  readonly name?: string;
  /** The model that it was placed with, and the layer there whose weights it uses. */
  readonly origin?: { readonly model: Model; readonly name: string; readonly owner: string };
}

/**
 * A value of a model that is being put together: an input, or what a layer gives. Made by {@linkcode input}, by
 * {@linkcode SymbolicTensor.to} and by {@linkcode merge}; {@linkcode graph} makes a model of them.
 */
export class SymbolicTensor {
  static #count = 0;
  /** Rises in the order in which they are made, which is the order of layers in models. */
  readonly id: number;
  /** The shape of one example, without the batch axis. */
  readonly shape: Shape;
  /** `"float32"`, or `"int32"` for inputs of whole numbers. */
  readonly dtype: InputDType;
  /** The name of an input. */
  readonly name: string | undefined;
  /**
   * Where it comes from; inputs have none.
   * @internal
   */
  readonly place: Place | undefined;
  /**
   * Which of {@linkcode Layer.results} it is; the layer's own result when left out.
   * @internal
   */
  readonly resultName: string | undefined;

  /** @ignore */
  constructor(type: LayerInput, from: { name?: string; place?: Place; id?: number; resultName?: string }) {
    this.id = from.id ?? SymbolicTensor.#count++;
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.name = from.name;
    this.place = from.place;
    this.resultName = from.resultName;
  }

  /**
   * What comes out when this goes through layers, or models, one after another.
   *
   * The same layer, or model, may be placed as often as one likes: all its places share their weights.
   *
   * @throws {RangeError} when one does not fit; the message names it, and both shapes.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { input, layers } from "@gesso/gesso";
   *
   * const image = input([28, 28, 1]);
   * assertEquals(image.to(layers.flatten(), layers.dense({ units: 10 })).shape, [10]);
   * ```
   */
  to(...layers: readonly Placeable[]): SymbolicTensor {
    return layers.reduce((x: SymbolicTensor, layer) => merge(layer, [x]), this);
  }

  /**
   * What the layer that gave this gives beside it: the states behind a sequence, `h` of recurrent layers and `c` of an `lstm`.
   *
   * @throws {RangeError} when there is none of that name.
   *
   * @example A sequence is read, and another one written from what is left in the state.
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { graph, input, layers, merge } from "@gesso/gesso";
   *
   * const [source, target] = [input([20, 8]), input([10, 8])];
   * const read = source.to(layers.lstm({ units: 32 }));
   * const writer = layers.lstm({ units: 32, returnSequences: true, initialState: true });
   * const written = merge(writer, [target, read.result("h"), read.result("c")]);
   * assertEquals(graph({ inputs: { source, target }, outputs: written }).outputShape, [10, 32]);
   * ```
   */
  result(name: string): SymbolicTensor {
    const results = this.place?.results ?? {};
    if (!this.place || !Object.hasOwn(results, name)) {
      const what = this.place ? this.place.layer.type : `input "${this.name}"`;
      const names = Object.keys(results).join(", ");
      throw new RangeError(
        `Cannot take result "${name}" of ${what}: ${
          names ? `there are ${names}` : "it gives nothing beside its own"
        }`,
      );
    }
    const { place, id } = this;
    return new SymbolicTensor({ shape: results[name], dtype: "float32" }, { place, id, resultName: name });
  }
}

/** Options of {@linkcode input}. */
export interface InputOptions {
  /** What messages and a model with this input alone call it; `"input"` when left out. */
  readonly name?: string;
  /** `"int32"` for tokens, classes and lengths; `"float32"` when left out. */
  readonly dtype?: InputDType;
}

/**
 * An input of a model: where {@linkcode graph} models begin.
 *
 * @param shape The shape of one example, without the batch axis: `[32, 32, 3]`; `[]` for one number.
 * @throws {RangeError} when a size is no whole number from 1.
 */
export function input(shape: Shape, options: InputOptions = {}): SymbolicTensor {
  const sizes = readValue("make an input", "shape", shape, sizesFrom(1));
  checkShape("make an input", sizes);
  const { name, dtype } = readOptions("make an input", options, {
    name: optional(text, "input"),
    dtype: optional(oneOf(["float32", "int32"]), "float32"),
  });
  return new SymbolicTensor({ shape: sizes, dtype }, { name });
}

/** The result of a layer that a source means. */
export const resultOf = (value: SymbolicTensor, { result }: { readonly result?: string }): SymbolicTensor =>
  result === undefined ? value : value.result(result);

/** What layers are given: symbolic tensors. */
export const symbolicKind: Kind<SymbolicTensor> = objectThat<SymbolicTensor>(
  "what input, to and merge give",
  (value) => value instanceof SymbolicTensor,
);

/**
 * A layer at a place.
 *
 * @param settled Its name in a file or in another model, and what messages call it.
 */
export function placeLayer(
  layer: Layer,
  inputs: readonly SymbolicTensor[],
  settled: { name?: string; title?: string; origin?: Place["origin"] } = {},
): SymbolicTensor {
  const { name, origin } = settled;
  const { title = layer.name === undefined ? layer.type : `${layer.type} "${layer.name}"` } = settled;
  const shapes = checkPlace(layer, inputs, title);
  const place: Place = { layer, inputs, ...shapes, name, origin };
  return new SymbolicTensor({ shape: shapes.outputShape, dtype: "float32" }, { place });
}

/**
 * What a layer of several inputs gives for them, in their order; or what a model gives that has one output, for its inputs
 * in their order or by their names.
 *
 * @throws {RangeError} when they do not fit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge, ops } from "@gesso/gesso";
 *
 * const sum: layers.Layer = {
 *   type: "sum",
 *   config: {},
 *   arity: 2,
 *   outputShape: (a) => [...a],
 *   weights: () => [],
 *   apply: (_x, { inputs: [a, b] }) => ops.add(a, b),
 * };
 * const x = input([8]);
 * const skip = merge(sum, [x, x.to(layers.dense({ units: 8, activation: "relu" }))]);
 * assertEquals(graph({ inputs: x, outputs: skip }).outputShape, [8]);
 * ```
 */
export function merge(
  layer: Placeable,
  inputs: readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>,
): SymbolicTensor {
  if (isLayer(layer)) {
    const list = Array.isArray(inputs) ? inputs : [];
    for (const [i, value] of list.entries()) {
      readValue(`place ${layer.type}`, `input ${i + 1}`, value, symbolicKind);
    }
    return placeLayer(layer, list);
  }
  const outputs = Object.values(connect(layer, inputs));
  if (outputs.length === 1) return outputs[0];
  throw new RangeError(
    `Cannot place ${layer.name} as a layer: it has ${outputs.length} outputs; connect gives all of them by name`,
  );
}

/**
 * All that a model gives, by name, where it is placed in another model: at one input, at several in their order, or by
 * their names. The models share their weights: what trains one trains the other.
 *
 * @throws {RangeError} when inputs are missing, or of another shape.
 * @throws {TypeError} when it is no model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, models } from "@gesso/gesso";
 *
 * const image = input([784]);
 * const hidden = image.to(layers.dense({ units: 64, activation: "relu" }));
 * const encoder = graph({
 *   inputs: image,
 *   outputs: { mean: hidden.to(layers.dense({ units: 2 })), logVariance: hidden.to(layers.dense({ units: 2 })) },
 *   name: "encoder",
 * });
 * const picture = input([784]);
 * const { mean } = models.connect(encoder, picture);
 * const autoencoder = graph({ inputs: picture, outputs: mean.to(layers.dense({ units: 784 })) });
 * assertEquals(autoencoder.layers.map((l) => l.name), ["encoder/dense_1", "encoder/dense_2", "dense_1"]);
 * ```
 */
export function connect(
  model: Model,
  inputs: SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>,
): Record<string, SymbolicTensor> {
  if (typeof model?.graph !== "object") {
    throw new TypeError("Cannot place what is neither a layer, such as dense makes, nor a model");
  }
  const { graph, name } = model;
  const names = Object.keys(graph.inputs);
  const given = new Map<string, SymbolicTensor>(
    inputs instanceof SymbolicTensor
      ? [[names[0], inputs]]
      : Array.isArray(inputs)
      ? inputs.map((value, i) => [names[i], value])
      : Object.entries(inputs),
  );
  for (const key of names) {
    const wanted = graph.inputs[key];
    const value = readValue(`place ${name}`, `input "${key}"`, given.get(key), symbolicKind);
    if (value.dtype === wanted.dtype && sameShape(value.shape, wanted.shape)) continue;
    throw new RangeError(
      `Cannot place ${name} behind ${formatInput(value)}: its input "${key}" is ${formatInput(wanted)}`,
    );
  }
  if (given.size > names.length) {
    throw new RangeError(`Cannot place ${name} behind ${given.size} values: it takes ${names.join(", ")}`);
  }
  const results = new Map<string, SymbolicTensor>();
  const at = (source: Source) =>
    "input" in source ? given.get(source.input)! : resultOf(results.get(source.layer)!, source);
  for (const placed of graph.layers) {
    const { layer, name, owner, from } = placed;
    results.set(name, placeLayer(layer, from.map(at), { origin: { model, name, owner }, title: name }));
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([key, { from }]) => [key, at(from)]));
}
