/** The graph that a description describes: layers made again, and placed one after another. */
import type { Layer } from "../layer.ts";
import { layerFrom } from "../layers/layer_types.ts";
import type { ModelDescription, PlaceDescription } from "../model_description.ts";
import { type ModelGraph, modelGraph, type Source } from "./model_graph.ts";
import { input, placeLayer, resultOf, type SymbolicTensor } from "./symbolic_tensor.ts";

/**
 * The graph that a description describes.
 *
 * @throws {RangeError | TypeError} when a layer cannot be made, does not fit, or takes what is not there before it.
 */
export function graphFrom({ inputs, layers, outputs }: ModelDescription): ModelGraph {
  const given = new Map<string, SymbolicTensor>();
  for (const { name, shape, dtype } of inputs) {
    if (given.has(name)) throw new RangeError(`Cannot make a model with two inputs named "${name}"`);
    given.set(name, input(shape, { name, dtype }));
  }
  const made = new Map<string, { layer: Layer; value: SymbolicTensor }>();
  const at = (what: string, source: Source): SymbolicTensor => {
    const value = "input" in source ? given.get(source.input) : made.get(source.layer)?.value;
    if (value) return "input" in source ? value : resultOf(value, source);
    const name = "input" in source ? `input "${source.input}"` : `layer "${source.layer}"`;
    throw new RangeError(`Cannot make ${what} of ${name}: there is none before it`);
  };
  for (const [i, description] of layers.entries()) {
    const { name, from } = description;
    const title = `layer ${i + 1} (${name})`;
    if (made.has(name)) throw new RangeError(`Cannot make a model with two layers named "${name}"`);
    const layer = layerOf(description, made, title);
    const value = placeLayer(layer, from.map((source) => at(title, source)), { name, title });
    made.set(name, { layer, value });
  }
  const results = new Map<string, SymbolicTensor>();
  for (const { name, from } of outputs) {
    if (results.has(name)) throw new RangeError(`Cannot make a model with two outputs named "${name}"`);
    results.set(name, at(`output "${name}"`, from));
  }
  if (results.size === 0) throw new RangeError("Cannot make a model without outputs");
  const graph = modelGraph(given, results);
  if (graph.layers.length === layers.length) return graph;
  const used = new Set(graph.layers.map((placed) => placed.name));
  const idle = layers.find(({ name }) => !used.has(name))!;
  throw new RangeError(`Cannot make a model with layer "${idle.name}": none of its outputs needs it`);
}

/** The layer at a place: made anew, or the one that has a place before. */
function layerOf(
  description: PlaceDescription,
  made: ReadonlyMap<string, { layer: Layer }>,
  title: string,
): Layer {
  if (!("sameAs" in description)) return layerFrom(description);
  const earlier = made.get(description.sameAs);
  if (earlier) return earlier.layer;
  throw new RangeError(
    `Cannot make ${title} the same as "${description.sameAs}": there is no such layer before it`,
  );
}
