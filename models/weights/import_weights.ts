/** Weights of other libraries: tensors of a safetensors file, found by name and moved to where they belong in a model. */
import type { NdArray } from "../../engine/array.ts";
import { either, flag, functionKind, type Kind, objectThat, oneOf } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import {
  decodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "../../formats/safetensors/safetensors.ts";
import { Model } from "../model.ts";
import { kerasLayout } from "./keras_layout.ts";
import { kept, type Layout } from "./layout.ts";
import { pytorchLayout } from "./pytorch_layout.ts";
import { type NameMap, TensorSearch } from "./tensor_search.ts";

/** Options of {@linkcode importWeights}. */
export interface ImportOptions {
  /**
   * How the file keeps weights: as PyTorch's modules or Keras's layers do, so that they are turned and renamed, or as they are
   * here, which is meant when it is left out.
   */
  readonly layout?: "gesso" | "pytorch" | "keras";
  /**
   * What a layer is called in the file, where that is not its name here: by the layer's name, or of a weight by its full name
   * (`dense_1/kernel`) to that of its tensor. A `*` stands for the tensor's own name, which else comes last: `"rnn.*_l1"` is
   * the second layer of PyTorch's `rnn`. A function gets each layer's name, and leaves out those for which it gives nothing.
   */
  readonly map?: Readonly<Record<string, string>> | ((layer: string) => string | undefined);
  /**
   * Whether weights that are not in the file stay as they are, and are no error; false when left out. A layer or weight that
   * `map` names one by one has to be there.
   */
  readonly partial?: boolean;
}

/** What {@linkcode importWeights} did. */
export interface ImportedWeights {
  /** The tensors that each weight was made of, by the weight's full name. */
  readonly taken: Readonly<Record<string, readonly string[]>>;
  /** The full names of weights that stayed as they were. */
  readonly untouched: readonly string[];
  /** The tensors that no weight took. */
  readonly leftOver: readonly string[];
  /** The tensors that were taken and are no float32 in the file, with the code of their type there: `BF16`. */
  readonly converted: Readonly<Record<string, string>>;
}

const layouts: Readonly<Record<"gesso" | "pytorch" | "keras", Layout>> = {
  gesso: { separator: "/", ways: (_layer, { name, shape }) => [[kept(name, shape)]] },
  pytorch: pytorchLayout,
  keras: kerasLayout,
};

const mapKind: Kind<NameMap> = {
  says: "an object of names, or a function from the name of a layer to one",
  read: either(
    functionKind<NameMap>(),
    objectThat<NameMap>(
      "",
      (value) => !Array.isArray(value) && Object.values(value).every((name) => typeof name === "string"),
    ),
  ).read,
};

/**
 * Gives a model the weights of a safetensors file, also of other libraries. All that is wrong is said in one error, and then
 * no weight has changed. Half precision (`F16`, `BF16`) and `F64` become float32. A path needs permission to read it, and
 * Deno; bytes need neither.
 *
 * PyTorch's `Flatten` has channels before places: `permute([2, 0, 1])` in front of `flatten()` gives the same order.
 *
 * @param source The bytes of the file, or where it is.
 * @throws {RangeError} when weights are missing in the file (unless `partial`), tensors have other shapes than asked for, or
 * `map` names what the model does not have.
 * @throws {FormatError} when the file is broken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats, importWeights, layers, ndarray, sequential } from "@gesso/gesso";
 *
 * // As PyTorch's Linear(2, 3) has them.
 * const file = formats.encodeSafetensors({
 *   "fc.weight": ndarray("float32", [3, 2], [1, 2, 3, 4, 5, 6]),
 *   "fc.bias": ndarray("float32", [3], [7, 8, 9]),
 * });
 * const model = sequential([layers.dense({ units: 3 })], { inputShape: [2] });
 * const { taken } = await importWeights(model, file, { layout: "pytorch", map: { dense_1: "fc" } });
 * assertEquals(taken["dense_1/kernel"], ["fc.weight"]);
 * assertEquals([...model.weights.get("dense_1/kernel")!.data], [1, 3, 5, 2, 4, 6]);
 * ```
 */
export async function importWeights(
  model: Model,
  source: Uint8Array | string | URL,
  options: ImportOptions = {},
): Promise<ImportedWeights> {
  const { layout, map, partial } = readOptions("import weights", options, {
    layout: optional(oneOf(["gesso", "pytorch", "keras"]), "gesso"),
    map: optional(mapKind, {}),
    partial: optional(flag, false),
  });
  if (!(model instanceof Model)) {
    throw new TypeError("Cannot import weights into what is no Model, such as sequential() and cnn() give");
  }
  checkMap(model, map);
  const isBytes = source instanceof Uint8Array;
  const file = isBytes ? decodeSafetensors(source) : await readSafetensors(source);
  const search = new TensorSearch(file, layouts[layout], map);
  const found = new Map<string, NdArray>();
  const taken: Record<string, string[]> = {};
  const [untouched, problems]: [string[], string[]] = [[], []];
  for (const placed of model.layers.filter(({ name, owner }) => name === owner)) {
    for (const spec of placed.weights) {
      const name = `${placed.name}/${spec.name}`;
      const result = search.weight(placed, spec);
      if ("value" in result) {
        found.set(name, result.value);
        taken[name] = result.tensors;
      } else if ("wrong" in result) problems.push(`${name} ${formatShape(spec.shape)} takes ${result.wrong}`);
      else if (partial || !result.missing) untouched.push(name);
      else problems.push(`${name} takes ${result.missing}, which is missing`);
    }
  }
  problems.push(...namedInVain(map, untouched, taken));
  const leftOver = Object.keys(file.tensors).filter((name) =>
    !search.seen.has(name) && !layouts[layout].ignored?.test(name)
  );
  if (problems.length > 0) {
    throw new RangeError(
      `Cannot import weights into ${model.name} from ${isBytes ? "bytes" : source}: ${
        listed(problems, "; ")
      }` +
        (leftOver.length > 0 ? `. Nothing took ${listed(leftOver, ", ")}` : ""),
    );
  }
  for (const [name, value] of found) model.setWeight(name, value);
  return { taken, untouched, leftOver, converted: typesOf(file, search.seen) };
}

/** What a map names that is not in the file: to leave weights as they are nobody has to name them. */
function namedInVain(
  map: NameMap,
  untouched: readonly string[],
  taken: Readonly<Record<string, unknown>>,
): string[] {
  if (typeof map === "function") return [];
  return Object.entries(map).flatMap(([key, module]) => {
    const isOf = (weight: string) => weight === key || weight.startsWith(`${key}/`);
    const isInVain = untouched.some(isOf) && !Object.keys(taken).some(isOf);
    return isInVain ? [`${key} takes ${module}, of which there is nothing`] : [];
  });
}

/** Texts for a message: not hundreds of them. */
function listed(texts: readonly string[], between: string): string {
  const rest = texts.length - 12;
  return texts.slice(0, 12).join(between) + (rest > 0 ? `${between}and ${rest} more` : "");
}

function checkMap(model: Model, map: NameMap): void {
  if (typeof map === "function") return;
  const weights = model.weightSpecs.map(({ name }) => name);
  const layers = model.layers.map(({ name }) => name);
  const other = Object.keys(map).find((name) => !layers.includes(name) && !weights.includes(name));
  const sharing = model.layers.find(({ name, owner }) => name !== owner && Object.hasOwn(map, name));
  if (sharing) {
    throw new RangeError(
      `Cannot import weights with "${sharing.name}" in map: its weights are those of ${sharing.owner}; name that`,
    );
  }
  if (other === undefined) return;
  throw new RangeError(
    `Cannot import weights with "${other}" in map: ${model.name} has the layers ${listed(layers, ", ")}`,
  );
}

/** The types in the file of tensors that are no float32 there. */
function typesOf({ tensors, converted }: Safetensors, taken: ReadonlySet<string>): Record<string, string> {
  const types = [...taken].map((name) =>
    [name, converted[name] ?? (tensors[name].dtype === "float16" ? "F16" : "")] as const
  );
  return Object.fromEntries(types.filter(([, type]) => type !== ""));
}
