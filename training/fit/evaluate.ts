/** Judging a model, and asking it. */
import { checkArray, type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { flag, oneOf } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape, sameShape } from "../../engine/shape.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { takeTurn } from "../../engine/turn.ts";
import { program } from "../../devices/program.ts";
import { type DeviceName, selectDevice } from "../../devices/select.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import { cast, mul, softmax } from "../../ops/mod.ts";
import { checkClassNames, checkData, checkKinds } from "./check_fit.ts";
import { Evaluation, evaluationData, type Score } from "../loop/evaluation.ts";
import { askOptions } from "./fit_options.ts";
import { defaultLoss, type LossName, lossNames } from "../losses/losses.ts";
import { ModelBlocks } from "../step/parameter_blocks.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import { checkPreprocessing, checkRange, scaleOfBytes } from "./preprocessing.ts";

/** Options of {@linkcode evaluate} and {@linkcode predict}. */
export interface EvaluateOptions {
  /** Examples that are computed together; 256 when left out. */
  readonly batchSize?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
  /** Ends the work before it is done: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The mean loss and accuracy of a model on a data set.
 *
 * @throws {TypeError | RangeError} when data, model and options do not fit together, as when the model was trained on inputs of
 * another scale; before anything is computed.
 * @throws {NotFiniteError} when the loss is infinite or NaN; it names the example, weight or layer where that begins.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { cnn, evaluate, shapes } from "@gesso/gesso";
 *
 * const { test } = shapes({ train: 10, test: 100 });
 * const { loss, accuracy } = await evaluate(cnn(), test, { device: "cpu" });
 * assert(loss > 1 && accuracy! < 0.5);
 * ```
 */
export async function evaluate(
  model: Model,
  data: Dataset,
  options: EvaluateOptions & { loss?: LossName } = {},
): Promise<Score> {
  checkKinds("evaluate", model, data);
  const { batchSize, loss = defaultLoss(data.targets), signal, device: chosen } = readOptions(
    "evaluate",
    options,
    {
      ...askOptions,
      loss: optional(oneOf(lossNames)),
    },
  );
  checkData(model, data, loss);
  checkClassNames(model, data);
  checkPreprocessing(model, data);
  return await withDevice(chosen, async (device) => {
    const blocks = new ModelBlocks(model, device);
    const judged = evaluationData(device, data, batchSize, "");
    const state: State = new State(device, { ...blocks.values(), ...judged.state });
    let score: Score;
    try {
      const evaluation = await Evaluation.create({ state, model, blocks, data: judged, loss, signal });
      score = await evaluation.run({ signal });
      evaluation.close();
    } finally {
      state.close();
    }
    if (Number.isFinite(score.loss)) return score;
    const { badExample, badWeight } = await import("../not_finite/find_cause.ts");
    const cause = badExample(data) ?? badWeight(model) ??
      await causeInResults(model, data.inputs, data.scale, device, batchSize, data.name) ??
      "all results are finite";
    throw new NotFiniteError(
      `Cannot evaluate ${model.name} on ${data.name}: the loss is ${score.loss}: ${cause}`,
    );
  });
}

/**
 * What a model gives for inputs, `[examples, ...]`: bytes (scaled as the model was trained, by 1/255 if it was not) or
 * float32 numbers as they are. The result is float32 `[examples, ...outputs]`; with `probabilities`, softmax is applied.
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
  inputs: NdArray,
  options: EvaluateOptions & { probabilities?: boolean } = {},
): Promise<NdArray<"float32">> {
  const { probabilities, batchSize: most, signal, device: chosen } = readOptions("predict", options, {
    ...askOptions,
    probabilities: optional(flag, false),
  });
  checkArray("predict", inputs);
  const isNumber = inputs.dtype === "uint8" || inputs.dtype === "float32";
  if (!isNumber || !sameShape(inputs.shape.slice(1), model.inputShape)) {
    throw new TypeError(
      `Cannot predict from ${inputs.dtype} ${formatShape(inputs.shape)}: ` +
        `${model.name} takes uint8 or float32 [examples, ${model.inputShape.join(", ")}]`,
    );
  }
  const attempt = `Cannot predict from ${inputs.dtype} ${formatShape(inputs.shape)}`;
  const isBytes = inputs.dtype === "uint8";
  const scale = isBytes ? scaleOfBytes(model, attempt) : 1;
  if (!isBytes) checkRange(attempt, model.info, inputs);
  const examples = inputs.shape[0];
  const batchSize = Math.min(most, Math.max(1, examples));
  return await withDevice(chosen, async (device) => {
    const results = await ask(model, inputs, scale, device, batchSize, { probabilities, signal });
    if (results.data.every(Number.isFinite)) return results;
    const { badWeight } = await import("../not_finite/find_cause.ts");
    const cause = badWeight(model) ??
      await causeInResults(model, inputs, scale, device, batchSize, "the inputs") ??
      "the probabilities of finite results";
    throw new NotFiniteError(`${attempt}: results are infinite or NaN: ${cause}`);
  });
}

/** The results for all inputs. */
async function ask(
  model: Model,
  inputs: NdArray,
  scale: number,
  device: Device,
  batchSize: number,
  { probabilities = false, signal }: { probabilities?: boolean; signal?: AbortSignal } = {},
): Promise<NdArray<"float32">> {
  const examples = inputs.shape[0];
  const blocks = new ModelBlocks(model, device);
  const state: State = new State(device, blocks.values());
  try {
    const type = { dtype: inputs.dtype, shape: [batchSize, ...model.inputShape] };
    const ask = await program((s: Record<string, Tensor>, { x }) => {
      const { output } = model.apply(mul(cast(x, "float32"), scale), blocks.tensors(s).all);
      return { outputs: { y: probabilities ? softmax(output) : output } };
    }, { state, inputs: { x: type }, signal });
    const [sizeIn, sizeOut] = [model.inputShape, model.outputShape].map((s) => s.reduce((a, b) => a * b, 1));
    const result = new Float32Array(examples * sizeOut);
    for (let at = 0; at < examples; at += batchSize) {
      const count = Math.min(batchSize, examples - at);
      const part = inputs.data.subarray(at * sizeIn, (at + count) * sizeIn);
      // The last batch is filled up with zeros.
      const batch = new (inputs.dtype === "uint8" ? Uint8Array : Float32Array)(batchSize * sizeIn);
      batch.set(part);
      await takeTurn(signal);
      const { y } = await ask.call({ x: batch });
      result.set(y.data.subarray(0, count * sizeOut), at * sizeOut);
    }
    ask.close();
    return ndarray("float32", [examples, ...model.outputShape], result);
  } finally {
    state.close();
  }
}

/** The first example whose result is not finite, and what is wrong with it or where that begins in the model. */
async function causeInResults(
  model: Model,
  inputs: NdArray,
  scale: number,
  device: Device,
  batchSize: number,
  name: string,
): Promise<string | undefined> {
  const { data, shape: [examples] } = await ask(
    model,
    inputs,
    scale,
    device,
    Math.min(batchSize, inputs.shape[0]),
  );
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return undefined;
  const example = Math.floor(bad / (data.length / examples));
  const size = inputs.data.length / examples;
  const own = inputs.data.subarray(example * size, (example + 1) * size);
  const wrong = own.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) return `example ${example} of ${name} has ${wrong} in it`;
  const input = ndarray(
    "float32",
    [1, ...model.inputShape],
    Float32Array.from(own, (value) => value * scale),
  );
  const { badLayer } = await import("../not_finite/find_cause.ts");
  const layer = await badLayer(model, device, input);
  return `the result of example ${example} of ${name}` + (layer ? `, from ${layer} on` : "");
}

async function withDevice<T>(
  chosen: Device | DeviceName | undefined,
  use: (device: Device) => Promise<T>,
): Promise<T> {
  if (chosen !== undefined && typeof chosen !== "string") return await use(chosen);
  const { device } = await selectDevice(chosen);
  try {
    return await use(device);
  } finally {
    device.close();
  }
}
