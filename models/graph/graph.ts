/** Graph models: any layers between named inputs and outputs. */
import { readOptions, readValue, required } from "../../engine/options.ts";
import { objectThat } from "../../engine/option_kinds.ts";
import { Model, type ModelOptions, modelOptions } from "../model.ts";
import { modelGraph } from "./model_graph.ts";
import { symbolicKind, SymbolicTensor } from "./symbolic_tensor.ts";

/** One value of a model, or several by name. */
export type NamedTensors = SymbolicTensor | Readonly<Record<string, SymbolicTensor>>;

/** Options of {@linkcode graph}. */
export interface GraphOptions extends ModelOptions {
  /** Where it begins: what {@linkcode input} made, or several of these by name. A single one keeps its own name. */
  readonly inputs: NamedTensors;
  /** What it gives; a single value is called `output`. */
  readonly outputs: NamedTensors;
}

/**
 * A model of any layers between inputs and outputs: with branches and skips, with layers and models that have several
 * places. Layers are named and drawn in the order in which they were placed.
 *
 * @throws {RangeError} when an input is missing or of no use, or two layers have one name.
 * @throws {TypeError} when inputs or outputs are nothing that {@linkcode input} and layers gave.
 *
 * @example A block with a skip, and two answers.
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
 * const image = input([32, 32, 3], { name: "image" });
 * const stem = image.to(layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }));
 * const block = merge(sum, [stem, stem.to(layers.conv2d({ filters: 16, kernelSize: 3, padding: "same" }))]);
 * const features = block.to(layers.globalAveragePool2d());
 * const model = graph({
 *   inputs: image,
 *   outputs: { kind: features.to(layers.dense({ units: 10 })), size: features.to(layers.dense({ units: 1 })) },
 * });
 * assertEquals(model.outputs, { kind: [10], size: [1] });
 * ```
 */
export function graph(options: GraphOptions): Model {
  const { inputs, outputs, ...rest } = readOptions("make a graph", options, {
    ...modelOptions,
    inputs: required(objectThat<NamedTensors>("a value that input made, or several by name")),
    outputs: required(objectThat<NamedTensors>("a value that a layer gives, or several by name")),
  });
  return new Model(modelGraph(byName(inputs, "input"), byName(outputs, "output")), rest);
}

/** Values by their names. */
function byName(given: NamedTensors, what: "input" | "output"): Map<string, SymbolicTensor> {
  if (given instanceof SymbolicTensor) return new Map([[what === "input" && given.name || what, given]]);
  if (Array.isArray(given) || Object.keys(given).length === 0) {
    throw new TypeError(
      `Cannot make a graph of ${what}s without names: give one value, or several as { name: value }`,
    );
  }
  for (const [key, value] of Object.entries(given)) {
    readValue("make a graph", `${what} "${key}"`, value, symbolicKind);
  }
  return new Map(Object.entries(given));
}
