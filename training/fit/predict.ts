/** Asking a model. */
import { Dataset } from "../../data/dataset.ts";
import { checkArray, type NdArray } from "../../engine/array.ts";
import { flag, text } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape, sameShape } from "../../engine/shape.ts";
import type { Model } from "../../models/model.ts";
import { withDevice } from "../loop/with_device.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import { askModel, causeInResults, type GivenInput, type GivenInputs } from "./ask_model.ts";
import { type AskOptions, askOptions } from "./fit_options.ts";
import { checkRange, readingOfBytes } from "./preprocessing.ts";

/** Options of {@linkcode predict}. */
export interface PredictOptions extends AskOptions {
  /** Whether softmax is applied to the results. */
  readonly probabilities?: boolean;
  /** Which of the model's outputs; the first when left out. */
  readonly output?: string;
}

/**
 * What a model gives for inputs, `[examples, ...]`: bytes (scaled as the model was trained, by 1/255 if it was not) or
 * float32 numbers as they are; of a model that takes whole numbers, such as tokens, int32 or bytes. The result is float32
 * `[examples, ...outputs]`; with `probabilities`, softmax is applied.
 *
 * @param inputs An array; of a model with several inputs, one for each by its name.
 * @param options `output` names one of several outputs; the first when left out.
 *
 * @throws {TypeError | RangeError} when inputs, model and options do not fit together, as when the model was trained on inputs of
 * another scale; before anything is computed.
 * @throws {NotFiniteError} when a result is infinite or NaN; it names the example, weight or layer where that begins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cnn, predict, shapes } from "@gesso/gesso";
 *
 * const { test } = shapes({ train: 10, test: 3 });
 * const logits = await predict(cnn(), test.inputs, { device: "cpu" });
 * assertEquals([...logits.shape], [3, 10]);
 * ```
 */
export async function predict(
  model: Model,
  inputs: NdArray | Readonly<Record<string, NdArray>>,
  options: PredictOptions = {},
): Promise<NdArray<"float32">> {
  const { device: chosen, ...details } = readOptions("predict", options, {
    ...askOptions,
    probabilities: optional(flag, false),
    output: optional(text),
  });
  const outputs = Object.keys(model.outputs);
  if (details.output !== undefined && !outputs.includes(details.output)) {
    throw new RangeError(
      `Cannot predict output "${details.output}" of ${model.name}: there are ${outputs.join(", ")}`,
    );
  }
  const given = readInputs(model, inputs);
  return await withDevice(chosen, async (device) => {
    const results = await askModel(model, given, { ...details, device });
    if (results.data.every(Number.isFinite)) return results;
    const { badWeight } = await import("../not_finite/bad_example.ts");
    const cause = badWeight("the model", model.weights) ??
      await causeInResults(model, given, { ...details, device }, "the inputs") ??
      "the probabilities of finite results";
    const [{ array }] = Object.values(given);
    throw new NotFiniteError(`${attemptOf(array)}: results are infinite or NaN: ${cause}`);
  });
}

const attemptOf = ({ dtype, shape }: NdArray) => `Cannot predict from ${dtype} ${formatShape(shape)}`;

/** An array for each input of a model, of as many examples. */
function readInputs(model: Model, inputs: NdArray | Readonly<Record<string, NdArray>>): GivenInputs {
  const names = Object.keys(model.inputs);
  if (inputs instanceof Dataset) {
    const those = names.length === 1 ? "data.inputs" : `{ ${names.join(", ")} } with an array for each`;
    throw new TypeError(`Cannot predict from a dataset: it takes inputs alone, such as ${those}`);
  }
  const isOne = typeof inputs !== "object" || inputs === null || "dtype" in inputs;
  if (isOne && names.length > 1) {
    throw new TypeError(
      `Cannot predict from one array: ${model.name} takes one for each of ${names.join(", ")}`,
    );
  }
  const byName = (isOne ? { [names[0]]: inputs } : inputs) as Readonly<Record<string, NdArray>>;
  const other = Object.keys(byName).find((name) => !names.includes(name));
  const missing = names.find((name) => !Object.hasOwn(byName, name));
  if (other !== undefined || missing !== undefined) {
    throw new TypeError(
      `Cannot predict from ${Object.keys(byName).join(", ")}: ${model.name} takes ${names.join(", ")}`,
    );
  }
  const given = Object.fromEntries(names.map((name) => [name, readInput(model, name, byName[name])]));
  const [first, ...others] = Object.values(given).map(({ array }) => array);
  const wrong = others.find(({ shape }) => shape[0] !== first.shape[0]);
  if (!wrong) return given;
  throw new RangeError(
    `Cannot predict from ${first.shape[0]} and ${wrong.shape[0]} examples: each input needs as many`,
  );
}

function readInput(model: Model, name: string, array: NdArray): GivenInput {
  checkArray("predict", array);
  const { dtype, shape } = model.inputs[name];
  const taken = dtype === "int32" ? ["int32", "uint8"] : ["uint8", "float32"];
  const attempt = attemptOf(array);
  if (!taken.includes(array.dtype) || !sameShape(array.shape.slice(1), shape)) {
    const input = Object.keys(model.inputs).length > 1 ? ` as ${name}` : "";
    throw new TypeError(
      `${attempt}: ${model.name} takes ${taken.join(" or ")} [${["examples", ...shape].join(", ")}]${input}`,
    );
  }
  if (dtype === "int32") return { array, scale: 1 };
  if (array.dtype === "uint8") return { array, ...readingOfBytes(model, attempt) };
  checkRange(attempt, model.info, array);
  return { array, scale: 1 };
}
