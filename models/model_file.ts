/**
 * Models as files: safetensors with the weights, and a description as JSON in its metadata. Nothing in such a file is
 * ever run, and all of it is checked before it is used.
 */
import type { NdArray } from "../engine/array.ts";
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
import { changedOption } from "./changed_option.ts";
import { graphFrom } from "./graph/graph_from_description.ts";
import { Model } from "./model.ts";
import { describeModel, parseDescription } from "./model_description.ts";
import { modelFault } from "./model_faults.ts";

/** The key of the description in the metadata. */
const KEY = "gesso";

/**
 * A model as the bytes of a safetensors file: the way to keep models that works everywhere.
 *
 * @throws {RangeError} when {@linkcode decodeModel} would not take them: a weight is infinite or NaN, a layer's type is not
 * registered ({@linkcode registerLayer}) or has options that do not come back as they are, or there is another number of class names than of outputs.
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
  const fail: Fail = (reason, cause) => {
    throw new RangeError(`Cannot write model ${model.name}: ${reason}`, { cause });
  };
  const fault = modelFault(model);
  if (fault) fail(fault);
  const text = JSON.stringify(describeModel(model));
  // Whether it can be made again, layers of one's own above all, is found out before it is needed.
  const again = modelOf(text, new Map(model.weights), fail);
  for (const [i, { name, layer }] of model.layers.entries()) {
    const changed = changedOption(layer.config, again.layers[i].layer.config);
    if (changed !== undefined) fail(`layer ${name} would be another one in the file: ${changed}`);
  }
  return encodeSafetensors(Object.fromEntries(model.weights), { [KEY]: text });
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

/** Throws for a reason. */
type Fail = (reason: string, cause?: unknown) => never;

function modelFrom({ tensors, metadata }: Safetensors, file: string): Model {
  const fail: Fail = (reason, cause) => {
    throw new FormatError("model", file, reason, { cause });
  };
  const text = metadata[KEY] ?? fail("it has no description of layers, so it was not written by Gesso");
  const model = modelOf(text, new Map(Object.entries(tensors)), fail);
  const fault = modelFault(model);
  return fault === undefined ? model : fail(fault);
}

/** The model of a description; it takes its weights out of those that are given. */
function modelOf(text: string, given: Map<string, NdArray>, fail: Fail): Model {
  const description = parseDescription(text, fail);
  // Drawing first values would take as much memory and time as the description asks for.
  const take = (weight: string) => {
    const value = given.get(weight);
    if (!value) throw new RangeError(`weight ${weight} is missing`);
    given.delete(weight);
    return value;
  };
  let model: Model;
  try {
    model = new Model(graphFrom(description), { name: description.name }, take);
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (given.size > 0) fail(`it holds ${[...given.keys()].join(", ")}, which no layer has`);
  model.info = description.info;
  return model;
}
