/**
 * Models as files: safetensors with the weights, and a description as JSON in its metadata. Nothing in such a file is
 * ever run, and all of it is checked before it is used.
 */
import type { NdArray } from "../engine/array.ts";
import { writeAtomic } from "../data/write_atomic.ts";
import { FormatError } from "../formats/format_error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "../formats/safetensors.ts";
import { type LayerDescription, layerFrom } from "./layers/layer_types.ts";
import { Model, type ModelInfo } from "./model.ts";

/** The version of the description. */
const VERSION = 1;
const KEY = "gesso";

interface ModelDescription {
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

/**
 * A model as the bytes of a safetensors file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cnn, decodeModel, encodeModel } from "@gesso/gesso";
 *
 * const model = cnn({ seed: 3 });
 * assertEquals(decodeModel(encodeModel(model)).weights, model.weights);
 * ```
 */
export function encodeModel(model: Model): Uint8Array {
  return encodeSafetensors(Object.fromEntries(model.weights), {
    [KEY]: JSON.stringify(describeModel(model)),
  });
}

/** The model of a file's bytes; throws a {@linkcode FormatError} that says what is wrong with them. */
export function decodeModel(bytes: Uint8Array, file = "model"): Model {
  return modelFrom(decodeSafetensors(bytes, file), file);
}

/**
 * Writes a model to a file, whole or not at all. Needs permission to read and write its folder.
 *
 * @param options `root`: a folder that the file must really lie in.
 */
export async function saveModel(model: Model, path: string, options: { root?: string } = {}): Promise<void> {
  await writeAtomic(path, encodeModel(model), options);
}

/**
 * Reads a model from a file that {@linkcode saveModel} wrote. Needs permission to read it.
 *
 * @throws {FormatError} when the file is not such a model, or broken.
 */
export async function loadModel(path: string): Promise<Model> {
  return modelFrom(await readSafetensors(path), path);
}

function modelFrom({ tensors, metadata }: Safetensors, file: string): Model {
  const fail = (reason: string): never => {
    throw new FormatError("model", file, reason);
  };
  const text = metadata[KEY] ?? fail("it has no description of layers, so it was not written by Gesso");
  let description: ModelDescription;
  try {
    description = JSON.parse(text);
  } catch {
    return fail("its description is not JSON");
  }
  const { version, name, inputShape, layers, info = {} } = description;
  if (version !== VERSION) {
    fail(`its description has version ${version}, this Gesso reads version ${VERSION}`);
  }
  const isShape = Array.isArray(inputShape) && inputShape.every((n) => Number.isSafeInteger(n) && n > 0);
  if (typeof name !== "string" || !isShape || !Array.isArray(layers)) {
    fail("its description lacks name, shape or layers");
  }
  let model: Model;
  try {
    model = new Model(layers.map(layerFrom), { inputShape, name });
  } catch (cause) {
    throw new FormatError("model", file, (cause as Error).message, { cause });
  }
  const given = new Map<string, NdArray>(Object.entries(tensors));
  for (const { name } of model.weightSpecs) {
    const value = given.get(name);
    if (!value) fail(`weight ${name} is missing`);
    try {
      model.setWeight(name, value!);
    } catch (cause) {
      throw new FormatError("model", file, (cause as Error).message, { cause });
    }
    given.delete(name);
  }
  if (given.size > 0) fail(`it holds ${[...given.keys()].join(", ")}, which no layer has`);
  model.info = info;
  return model;
}
