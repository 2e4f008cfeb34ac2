/**
 * Models as files: safetensors with the weights, and a description as JSON in its metadata. Nothing in such a file is
 * ever run, and all of it is checked before it is used.
 */
import { needFiles } from "../engine/file_access.ts";
import { text } from "../engine/option_kinds.ts";
import { optional, readOptions } from "../engine/options.ts";
import { writeAtomic } from "../data/storage/write_atomic.ts";
import { FormatError } from "../formats/format_error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "../formats/safetensors/safetensors.ts";
import type { Layer } from "./layer.ts";
import { layerFrom } from "./layers/layer_types.ts";
import { Model } from "./model.ts";
import { describeModel, parseDescription } from "./model_description.ts";
import { modelFault } from "./model_faults.ts";

/** The key of the description in the metadata. */
const KEY = "gesso";

/**
 * A model as the bytes of a safetensors file: the way to keep models that works everywhere.
 *
 * @throws {RangeError} when {@linkcode decodeModel} would not take them: a weight is infinite or NaN, or there is another
 * number of class names than of outputs.
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
  const fault = modelFault(model);
  if (fault) throw new RangeError(`Cannot write model ${model.name}: ${fault}`);
  return encodeSafetensors(Object.fromEntries(model.weights), {
    [KEY]: JSON.stringify(describeModel(model)),
  });
}

/** The model of a file's bytes; throws a {@linkcode FormatError} that says what is wrong with them. */
export function decodeModel(bytes: Uint8Array, file = "model"): Model {
  return modelFrom(decodeSafetensors(bytes, file), file);
}

const PORTABLE = "encodeModel and decodeModel turn models into bytes and back anywhere";

/**
 * Writes a model to a file, whole or not at all. Needs permission to read and write its folder. Throws what
 * {@linkcode encodeModel} throws.
 *
 * Files need Deno. In browsers and in Node, {@linkcode encodeModel} gives the same bytes, to be kept in any way.
 *
 * @param options `root`: a folder that the file must really lie in.
 * @throws {TypeError} where there is no Deno.
 */
export async function saveModel(model: Model, path: string, options: { root?: string } = {}): Promise<void> {
  needFiles("save a model to a file", PORTABLE);
  const { root } = readOptions("save a model", options, { root: optional(text) });
  await writeAtomic(path, encodeModel(model), { root });
}

/**
 * Reads a model from a file that {@linkcode saveModel} wrote. Needs permission to read it.
 *
 * Files need Deno. In browsers and in Node, {@linkcode decodeModel} makes a model of the same bytes.
 *
 * @throws {TypeError} where there is no Deno.
 * @throws {FormatError} when the file is not such a model, or broken.
 */
export async function loadModel(path: string): Promise<Model> {
  needFiles("load a model from a file", PORTABLE);
  return modelFrom(await readSafetensors(path), path);
}

function modelFrom({ tensors, metadata }: Safetensors, file: string): Model {
  const fail = (reason: string): never => {
    throw new FormatError("model", file, reason);
  };
  const text = metadata[KEY] ?? fail("it has no description of layers, so it was not written by Gesso");
  const { name, inputShape, layers, info } = parseDescription(text, fail);
  const given = new Map(Object.entries(tensors));
  // Drawing first values would take as much memory and time as the description asks for.
  const take = (weight: string) => {
    const value = given.get(weight) ?? fail(`weight ${weight} is missing`);
    given.delete(weight);
    return value;
  };
  let model: Model;
  try {
    const made = layers.map(({ name, ...layer }): Layer => ({ ...layerFrom(layer), name }));
    model = new Model(made, { inputShape, name }, take);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError("model", file, (cause as Error).message, { cause });
  }
  if (given.size > 0) fail(`it holds ${[...given.keys()].join(", ")}, which no layer has`);
  model.info = info;
  const fault = modelFault(model);
  if (fault) fail(fault);
  return model;
}
