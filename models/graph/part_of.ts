/** Parts of models: what comes before a layer, behind it, or between some. */
import { optional, readOptions, readValue, required } from "../../engine/options.ts";
import { either, objectThat, text } from "../../engine/option_kinds.ts";
import type { Shape } from "../../engine/shape.ts";
import { Model } from "../model.ts";
import { modelGraph, neededFor, type Source, sourceName } from "./model_graph.ts";
import { input, placeLayer, resultOf, type SymbolicTensor } from "./symbolic_tensor.ts";

/** Options of {@linkcode partOf}. */
export interface PartOptions {
  /**
   * Layers whose results it is given, by the names that it has for them: `{ code: "encoder/dense_2" }`; `"lstm_1/c"` is what
   * a layer gives beside its result. The model's own inputs, as far as they are needed, are inputs of the part, too.
   */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The layer whose result it gives, or several by the names that it has for them. */
  readonly outputs: string | Readonly<Record<string, string>>;
  /** Its name; that of the model when left out. */
  readonly name?: string;
}

/**
 * A part of a model as a model of its own: the features before the last layer, the decoder of an autoencoder. Its layers keep
 * their names, and share their weights with the model.
 *
 * @throws {RangeError} when there is no layer of a name, or the part needs other inputs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cnn, layers, models, sequential } from "@gesso/gesso";
 *
 * const features = models.partOf(cnn(), { outputs: "dense_1" });
 * assertEquals(features.outputShape, [64]);
 * // Another last layer, for other classes.
 * const model = sequential([features, layers.dense({ units: 3 })], { inputShape: [32, 32, 3] });
 * assertEquals(model.outputShape, [3]);
 * ```
 */
export function partOf(model: Model, options: PartOptions): Model {
  const attempt = `take a part of ${model.name}`;
  const { inputs = {}, outputs, name = model.name } = readOptions(attempt, options, {
    inputs: optional(objectThat<Record<string, string>>("names of layers by names of inputs")),
    outputs: required(either(text, objectThat<Record<string, string>>("several by name"))),
    name: optional(text),
  });
  const { graph } = model;
  const layers = new Map(graph.layers.map((placed) => [placed.name, placed]));
  /** What a name stands for: a layer's result, or what it gives beside it. */
  const sourceOf = (what: string, given: unknown): { layer: string; result?: string; shape: Shape } => {
    const name = readValue(attempt, what, given, text);
    const placed = layers.get(name);
    if (placed) return { layer: name, shape: placed.outputShape };
    const at = name.lastIndexOf("/");
    const [layer, result] = [name.slice(0, Math.max(0, at)), name.slice(at + 1)];
    const results = layers.get(layer)?.results ?? {};
    if (Object.hasOwn(results, result)) return { layer, result, shape: results[result] };
    throw new RangeError(
      `Cannot ${attempt} with ${what} "${given}": there are ${[...layers.keys()].join(", ")}`,
    );
  };
  const given = new Map<string, SymbolicTensor>();
  const results = new Map<string, SymbolicTensor>();
  const further = new Map<string, SymbolicTensor>();
  for (const [key, name] of Object.entries(inputs)) {
    const source = sourceOf(`input "${key}"`, name);
    given.set(key, input(source.shape, { name: key }));
    (source.result === undefined ? results : further).set(sourceName(source), given.get(key)!);
  }
  const own = new Map(
    Object.entries(graph.inputs).map(([key, { shape, dtype }]) => [key, input(shape, { name: key, dtype })]),
  );
  const at = (source: Source) => {
    if ("input" in source) return own.get(source.input)!;
    return source.result !== undefined && further.get(sourceName(source)) ||
      resultOf(results.get(source.layer)!, source);
  };
  for (const placed of graph.layers) {
    const { layer, name, owner, from } = placed;
    if (results.has(name)) continue;
    results.set(name, placeLayer(layer, from.map(at), { name, title: name, origin: { model, name, owner } }));
  }
  const chosen = new Map(
    Object.entries(typeof outputs === "string" ? { output: outputs } : outputs)
      .map(([key, layer]) => [key, at(sourceOf(`output "${key}"`, layer))]),
  );
  const needed = new Set(neededFor([...chosen.values()]));
  for (const [key, value] of own) {
    if (!needed.has(value)) continue;
    if (given.has(key)) {
      throw new RangeError(
        `Cannot ${attempt} with input "${key}": it needs the model's input of that name, too`,
      );
    }
    given.set(key, value);
  }
  const part = new Model(modelGraph(given, chosen), { name });
  // What goes in is what goes into the model, unless it is what a layer gives.
  const { scale, inputDType } = model.info;
  if (Object.keys(inputs).length === 0) {
    part.info = { ...scale && { scale }, ...inputDType && { inputDType } };
  }
  return part;
}
