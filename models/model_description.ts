/** Descriptions of models: all of a model but its weights, as JSON. They may come from anywhere, so all is checked. */
import { isObject } from "../formats/json/is_object.ts";
import { parseVersioned } from "../formats/json/versioned_json.ts";
import type { LayerDescription } from "./layers/layer_types.ts";
import type { Model, ModelInfo } from "./model.ts";

/** The version of the description. */
const VERSION = 1;

/** A model as plain JSON. */
export interface ModelDescription {
  readonly version: number;
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly layers: readonly (LayerDescription & { readonly name: string })[];
  readonly info: ModelInfo;
}

/** A model as plain JSON: its layers with their options, and what is known of it, without weights. */
export function describeModel(model: Model): ModelDescription {
  return {
    version: VERSION,
    name: model.name,
    inputShape: model.inputShape,
    layers: model.layers.map(({ layer, name }) => ({ type: layer.type, name, config: layer.config })),
    info: model.info,
  };
}

const isText = (value: unknown) => typeof value === "string";

/** Fails for a key that an object of the description should not have. */
function checkKeys(
  what: string,
  value: object,
  known: readonly string[],
  fail: (reason: string) => never,
): void {
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) fail(`${what} holds "${other}", which is none of ${known.join(", ")}`);
}

/** Reads a description; `fail` throws for a reason. What layers and information hold is left to be checked
 * with the model. */
export function parseDescription(text: string, fail: (reason: string) => never): ModelDescription {
  const content = parseVersioned(text, VERSION, fail);
  const { name, inputShape, layers, info = {} } = content;
  if (!isText(name) || !Array.isArray(inputShape) || !Array.isArray(layers)) {
    fail("its description lacks name, shape or layers");
  }
  for (const [i, layer] of (layers as unknown[]).entries()) {
    if (!isObject(layer) || !isText(layer.type) || !isText(layer.name) || !isObject(layer.config)) {
      return fail(`layer ${i + 1} of its description lacks a type, a name or options`);
    }
    checkKeys(`layer ${i + 1} of its description`, layer, ["type", "name", "config"], fail);
  }
  checkKeys("its description", content, ["version", "name", "inputShape", "layers", "info"], fail);
  if (!isObject(info)) return fail("info in its description is not an object");
  return { ...content as unknown as ModelDescription, info: info as ModelInfo };
}
