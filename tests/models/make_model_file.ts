/** Model files with descriptions that `encodeModel` would never write. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";

/** The weights of the layer below. */
export const weights: Record<string, NdArray> = {
  "d/kernel": ndarray("float32", [2, 3], new Float32Array(6)),
  "d/bias": ndarray("float32", [3], new Float32Array(3)),
};
/** A layer as a description has it. */
export const layer = { type: "dense", name: "d", config: { units: 3 } };
/** A description of that layer alone, which is right, as files had it before there were graphs. */
export const description = { version: 1, name: "m", inputShape: [2], layers: [layer], info: {} };

/** The layer where it takes the input of the model. */
export const placed = { ...layer, from: [{ input: "x" }] };
/** The same as a graph, which is right, too. */
export const graphDescription = {
  version: 2,
  name: "m",
  inputs: [{ name: "x", shape: [2], dtype: "float32" }],
  layers: [placed],
  outputs: [{ name: "y", from: { layer: "d" } }],
  info: {},
};

/** A file whose description is this JSON, or this text. */
export function makeFile(given: unknown, tensors = weights): Uint8Array {
  return encodeSafetensors(tensors, { gesso: typeof given === "string" ? given : JSON.stringify(given) });
}

/** The description with another layer. */
export const withLayer = (changed: unknown) => ({ ...description, layers: [changed] });
/** The description with other options of its layer. */
export const withConfig = (config: unknown) => withLayer({ ...layer, config });
/** The graph with other layers. */
export const withPlaced = (...layers: unknown[]) => ({ ...graphDescription, layers });
