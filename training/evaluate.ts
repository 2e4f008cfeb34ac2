/** Judging a model, and asking it. */
import { type NdArray, ndarray } from "../engine/array.ts";
import type { Device } from "../engine/device.ts";
import { formatShape, sameShape } from "../engine/shape.ts";
import { State } from "../engine/state.ts";
import type { Tensor } from "../engine/tensor.ts";
import { program } from "../devices/program.ts";
import { type DeviceName, selectDevice } from "../devices/select.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Model } from "../models/model.ts";
import { cast, mul, softmax } from "../ops/mod.ts";
import { checkData } from "./check_fit.ts";
import { Evaluation, evaluationData, type Score } from "./evaluation.ts";
import { defaultLoss, type LossName } from "./losses.ts";
import { ModelBlocks } from "./model_state.ts";

/** Options of {@linkcode evaluate} and {@linkcode predict}. */
export interface EvaluateOptions {
  /** Examples that are computed together; 256 when left out. */
  readonly batchSize?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
}

/**
 * The mean loss and accuracy of a model on a data set.
 *
 * @throws {TypeError | RangeError} when data, model and options do not fit together; before anything is computed.
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
  const { batchSize = 256, loss = defaultLoss(data.targets) } = options;
  checkBatchSize(batchSize);
  checkData(model, data, loss);
  return await withDevice(options.device, async (device) => {
    const blocks = new ModelBlocks(model);
    const judged = evaluationData(device, data, batchSize, "");
    const state: State = new State(device, { ...blocks.values(), ...judged.state });
    const evaluation = await Evaluation.create({ state, model, blocks, data: judged, loss });
    const score = await evaluation.run();
    evaluation.close();
    state.close();
    return score;
  });
}

/**
 * What a model gives for inputs, `[examples, ...]`: bytes (scaled as the model was trained, by 1/255 if it was not) or
 * float32 numbers as they are. The result is float32 `[examples, ...outputs]`; with `probabilities`, softmax is applied.
 *
 * @throws {TypeError | RangeError} when inputs, model and options do not fit together; before anything is computed.
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
): Promise<NdArray> {
  const { probabilities = false } = options;
  const isNumber = inputs.dtype === "uint8" || inputs.dtype === "float32";
  if (!isNumber || !sameShape(inputs.shape.slice(1), model.inputShape)) {
    throw new TypeError(
      `Cannot predict from ${inputs.dtype} ${formatShape(inputs.shape)}: ` +
        `${model.name} takes uint8 or float32 [examples, ${model.inputShape.join(", ")}]`,
    );
  }
  const examples = inputs.shape[0];
  const batchSize = Math.min(options.batchSize ?? 256, Math.max(1, examples));
  checkBatchSize(batchSize);
  const scale = inputs.dtype === "uint8" ? model.info.scale ?? 1 / 255 : 1;
  return await withDevice(options.device, async (device) => {
    const blocks = new ModelBlocks(model);
    const state: State = new State(device, blocks.values());
    const type = { dtype: inputs.dtype, shape: [batchSize, ...model.inputShape] };
    const ask = await program((s: Record<string, Tensor>, { x }) => {
      const { output } = model.apply(mul(cast(x, "float32"), scale), blocks.tensors(s).all);
      return { outputs: { y: probabilities ? softmax(output) : output } };
    }, { state, inputs: { x: type } });
    const [sizeIn, sizeOut] = [model.inputShape, model.outputShape].map((s) => s.reduce((a, b) => a * b, 1));
    const result = new Float32Array(examples * sizeOut);
    for (let at = 0; at < examples; at += batchSize) {
      const count = Math.min(batchSize, examples - at);
      const part = inputs.data.subarray(at * sizeIn, (at + count) * sizeIn);
      // The last batch is filled up with zeros.
      const batch = new (inputs.dtype === "uint8" ? Uint8Array : Float32Array)(batchSize * sizeIn);
      batch.set(part);
      const { y } = await ask.call({ x: batch });
      result.set(y.data.subarray(0, count * sizeOut), at * sizeOut);
    }
    ask.close();
    state.close();
    return ndarray("float32", [examples, ...model.outputShape], result);
  });
}

function checkBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot use batchSize ${batchSize}: it has to be a whole number from 1`);
  }
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
