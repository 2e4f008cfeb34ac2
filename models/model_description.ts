/** Descriptions of models: all of a model but its weights, as JSON. They may come from anywhere, so all is checked. */
import { isObject } from "../formats/json/is_object.ts";
import { parseVersioned } from "../formats/json/versioned_json.ts";
import type { Source } from "./graph/model_graph.ts";
import type { InputDType } from "./layer.ts";
import type { LayerDescription } from "./layers/layer_types.ts";
import type { Model, ModelInfo } from "./model.ts";

/** The version of the description; those of version 1 have layers in a row. */
const VERSION = 2;

/** A layer at its place: what it is, or the layer whose place is another one of. */
export type PlaceDescription =
  & { readonly name: string; readonly from: readonly Source[] }
  & (LayerDescription | { readonly sameAs: string });

/** A model as plain JSON. */
export interface ModelDescription {
  readonly version: number;
  readonly name: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: InputDType;
  }[];
  readonly layers: readonly PlaceDescription[];
  readonly outputs: readonly { readonly name: string; readonly from: Source }[];
  readonly info: ModelInfo;
}

/** A model as plain JSON: its layers with their options, and what is known of it, without weights. */
export function describeModel({ name, graph, info }: Model): ModelDescription {
  return {
    version: VERSION,
    name,
    inputs: Object.entries(graph.inputs).map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    layers: graph.layers.map(({ layer: { type, config }, name, owner, from }) =>
      owner === name ? { name, type, config, from } : { name, sameAs: owner, from }
    ),
    outputs: Object.entries(graph.outputs).map(([name, { from }]) => ({ name, from })),
    info,
  };
}

type Fail = (reason: string) => never;

const isText = (value: unknown) => typeof value === "string";

/** Fails for a key that an object of the description should not have. */
function checkKeys(what: string, value: object, known: readonly string[], fail: Fail): void {
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) fail(`${what} holds "${other}", which is none of ${known.join(", ")}`);
}

/** Objects of a list, each with no other keys than these. */
function objectsOf(
  what: string,
  list: unknown,
  known: readonly string[],
  fail: Fail,
): Record<string, unknown>[] {
  if (!Array.isArray(list)) return fail(`its description lacks ${what}s`);
  return list.map((value: unknown, i) => {
    if (!isObject(value)) return fail(`${what} ${i + 1} of its description is no object`);
    checkKeys(`${what} ${i + 1} of its description`, value, known, fail);
    if (!isText(value.name)) fail(`${what} ${i + 1} of its description lacks a name`);
    return value;
  });
}

/** Fails for what is not the name of an input or of a layer. */
function checkSource(what: string, source: unknown, fail: Fail): void {
  const keys = isObject(source) ? Object.keys(source).sort().join() : "";
  const isRight = keys === "input" || keys === "layer" || keys === "layer,result";
  if (!isRight || !Object.values(source as Record<string, unknown>).every(isText)) {
    fail(
      `${what} of its description is from ${
        JSON.stringify(source)?.slice(0, 80)
      }, which is neither an input nor a layer`,
    );
  }
}

/** Fails for what is no layer with a type and options. */
function checkLayer(what: string, { type, config }: Record<string, unknown>, fail: Fail): void {
  if (!isText(type) || !isObject(config)) fail(`${what} of its description lacks a type or options`);
}

/**
 * Reads a description; `fail` throws for a reason. Whether layers are there, fit, and have such options is left to be checked
 * with the model, as is what the information holds.
 */
export function parseDescription(text: string, fail: Fail): ModelDescription {
  const content = parseVersioned(text, [1, VERSION], fail);
  const { version, name, info = {} } = content;
  if (!isText(name)) return fail("its description lacks name");
  if (!isObject(info)) return fail("info in its description is not an object");
  const parts = version === 1 ? readChain(content, fail) : readGraph(content, fail);
  return { version: VERSION, name: name as string, ...parts, info: info as ModelInfo };
}

type Parts = Pick<ModelDescription, "inputs" | "layers" | "outputs">;

function readGraph(content: Record<string, unknown>, fail: Fail): Parts {
  checkKeys("its description", content, ["version", "name", "inputs", "layers", "outputs", "info"], fail);
  const inputs = objectsOf("input", content.inputs, ["name", "shape", "dtype"], fail);
  const layers = objectsOf("layer", content.layers, ["name", "type", "config", "sameAs", "from"], fail);
  const outputs = objectsOf("output", content.outputs, ["name", "from"], fail);
  for (const [i, layer] of layers.entries()) {
    const what = `layer ${i + 1}`;
    if ("sameAs" in layer) {
      checkKeys(`${what} of its description`, layer, ["name", "sameAs", "from"], fail);
      if (!isText(layer.sameAs)) fail(`${what} of its description is the same as no layer's name`);
    } else checkLayer(what, layer, fail);
    if (!Array.isArray(layer.from)) {
      return fail(`${what} of its description does not say where its inputs are from`);
    }
    for (const source of layer.from) checkSource(what, source, fail);
  }
  for (const [i, { from }] of outputs.entries()) checkSource(`output ${i + 1}`, from, fail);
  return { inputs, layers, outputs } as unknown as Parts;
}

/** What files had before there were graphs: layers in a row. */
function readChain(content: Record<string, unknown>, fail: Fail): Parts {
  checkKeys("its description", content, ["version", "name", "inputShape", "layers", "info"], fail);
  if (!Array.isArray(content.inputShape)) fail("its description lacks an input shape");
  const layers = objectsOf("layer", content.layers, ["type", "name", "config"], fail);
  for (const [i, layer] of layers.entries()) checkLayer(`layer ${i + 1}`, layer, fail);
  const above = (i: number): Source => i === 0 ? { input: "input" } : { layer: layers[i - 1].name as string };
  return {
    inputs: [{ name: "input", shape: content.inputShape, dtype: "float32" }],
    layers: layers.map((layer, i) => ({ ...layer, from: [above(i)] })),
    outputs: [{ name: "output", from: above(layers.length) }],
  } as unknown as Parts;
}
