import type { NdArray } from "../../engine/array.ts";
import { graph } from "../../models/graph/graph.ts";
import { input, merge } from "../../models/graph/symbolic_tensor.ts";
import type { Layer } from "../../models/layer.ts";
import type { Model } from "../../models/model.ts";
import { type ImportOptions, importWeights } from "../../models/weights/import_weights.ts";

/** A model of one layer, which is named `it`. */
function alone(layer: Layer, inputs: readonly NdArray[]): Model {
  const given = inputs.map(({ shape, dtype }) =>
    input(shape.slice(1), { dtype: dtype as "float32" | "int32" })
  );
  return graph({
    inputs: Object.fromEntries(given.map((x, i) => [`x${i}`, x])),
    outputs: merge({ ...layer, name: "it" }, given),
  });
}

/** The weights of a layer out of a file of another library; `pattern` says how they are called there. */
export async function importedWeights(
  layer: Layer,
  inputs: readonly NdArray[],
  file: Uint8Array,
  pattern: string,
  options: Omit<ImportOptions, "map">,
): Promise<Record<string, NdArray>> {
  const model = alone(layer, inputs);
  if (model.weights.size > 0) await importWeights(model, file, { ...options, map: { it: pattern } });
  return Object.fromEntries([...model.weights].map(([full, value]) => [full.slice("it/".length), value]));
}
