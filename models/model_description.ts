/** Descriptions of models: all of a model but its weights, as JSON. They may come from anywhere, so all is checked. */
import { isObject } from "../formats/is_object.ts";
import { parseVersioned } from "../formats/versioned_json.ts";
import type { LayerDescription } from "./layers/layer_types.ts";
import type { Model, ModelInfo } from "./model.ts";

/** The version of the description. */
const VERSION = 1;

/** A model as plain JSON. */
export interface ModelDescription {
  readonly version: number;
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly layers: readonly LayerDescription[];
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

/** What each part of the information has to be, and how a message says it. */
const infoParts: Record<keyof ModelInfo, { isRight: (value: unknown) => boolean; says: string }> = {
  scale: { isRight: Number.isFinite, says: "a number" },
  classNames: { isRight: (value) => Array.isArray(value) && value.every(isText), says: "a list of texts" },
  dataset: { isRight: isText, says: "a text" },
  metrics: {
    // JSON has null for figures that are infinite or NaN.
    isRight: (value) =>
      isObject(value) &&
      Object.values(value).every((figure) => figure === null || typeof figure === "number"),
    says: "an object of numbers",
  },
  seed: { isRight: Number.isFinite, says: "a number" },
};

/** Reads a description; `fail` throws for a reason. The options of layers are left for the layers to check. */
export function parseDescription(text: string, fail: (reason: string) => never): ModelDescription {
  const content = parseVersioned(text, VERSION, fail);
  const { name, inputShape, layers, info = {} } = content;
  if (!isText(name) || !Array.isArray(inputShape) || !Array.isArray(layers)) {
    fail("its description lacks name, shape or layers");
  }
  for (const [i, layer] of (layers as unknown[]).entries()) {
    if (!isObject(layer) || !isText(layer.type) || !isText(layer.name) || !isObject(layer.config)) {
      fail(`layer ${i + 1} of its description lacks a type, a name or options`);
    }
  }
  if (!isObject(info)) return fail("info in its description is not an object");
  for (const [key, { isRight, says }] of Object.entries(infoParts)) {
    if (info[key] !== undefined && !isRight(info[key])) {
      fail(`${key} in its description is not ${says}`);
    }
  }
  return { ...content as unknown as ModelDescription, info: info as ModelInfo };
}
