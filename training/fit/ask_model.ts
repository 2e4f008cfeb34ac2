/** A model's results for arrays of examples, batch by batch; and which example it is whose result is wrong. */
import { allocate, type NdArray, ndarray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { State } from "../../engine/state.ts";
import type { Tensor, TensorType } from "../../engine/tensor.ts";
import { takeTurn } from "../../engine/turn.ts";
import { program } from "../../devices/program.ts";
import type { Model } from "../../models/model.ts";
import { add, cast, mul, softmax } from "../../ops/mod.ts";
import { ParameterBlocks } from "../step/parameter_blocks.ts";
import { parameters } from "../step/parameters.ts";

/** Examples for an input of a model. */
export interface GivenInput {
  /** `[examples, ...]` */
  readonly array: NdArray;
  /** What numbers are multiplied by before they go in. */
  readonly scale: number;
  /** What is added then; nothing when left out. */
  readonly offset?: number;
}

/** Examples for each input of a model, by its name. */
export type GivenInputs = Readonly<Record<string, GivenInput>>;

/** How a model is asked. */
export interface AskDetails {
  readonly device: Device;
  readonly batchSize: number;
  /** Which output; the first when left out. */
  readonly output?: string;
  /** Whether softmax is applied. */
  readonly probabilities?: boolean;
  readonly signal?: AbortSignal;
}

const examplesOf = (inputs: GivenInputs): number => Object.values(inputs)[0].array.shape[0];

/** One example's elements, or those of several. */
function partOf({ data, shape: [examples] }: NdArray, first: number, count: number) {
  const size = examples === 0 ? 0 : data.length / examples;
  return data.subarray(first * size, (first + count) * size);
}

/** The results for all examples, `[examples, ...]`. */
export async function askModel(
  model: Model,
  inputs: GivenInputs,
  { device, batchSize: most, output, probabilities, signal }: AskDetails,
): Promise<NdArray<"float32">> {
  const name = output ?? Object.keys(model.outputs)[0];
  const examples = examplesOf(inputs);
  const batchSize = Math.min(most, Math.max(1, examples));
  const blocks = new ParameterBlocks(parameters(model), device);
  const state: State = new State(device, blocks.values());
  try {
    const types = Object.fromEntries(
      Object.entries(inputs).map(([input, { array: { dtype, shape } }]): [string, TensorType] => [
        input,
        { dtype, shape: [batchSize, ...shape.slice(1)] },
      ]),
    );
    const ask = await program((s: Record<string, Tensor>, given: Record<string, Tensor>) => {
      const numbers = Object.entries(given).map(([input, x]) => {
        if (model.inputs[input].dtype === "int32") return [input, cast(x, "int32")];
        const { scale, offset = 0 } = inputs[input];
        const scaled = mul(cast(x, "float32"), scale);
        return [input, offset === 0 ? scaled : add(scaled, offset)];
      });
      const result = model.apply(Object.fromEntries(numbers), blocks.tensors(s, "weights").all).outputs[name];
      return { outputs: { y: probabilities ? softmax(result) : result } };
    }, { state, inputs: types, signal });
    const shape = model.outputs[name];
    const size = shape.reduce((a, b) => a * b, 1);
    const result = new Float32Array(examples * size);
    try {
      for (let at = 0; at < examples; at += batchSize) {
        const count = Math.min(batchSize, examples - at);
        // The last batch is filled up with zeros.
        const batch = Object.entries(inputs).map(([input, { array }]) => {
          const elements = allocate(array.dtype, batchSize * array.data.length / examples);
          elements.set(partOf(array, at, count));
          return [input, elements] as const;
        });
        await takeTurn(signal);
        const { y } = await ask.call(Object.fromEntries(batch));
        result.set(y.data.subarray(0, count * size) as Float32Array, at * size);
      }
    } finally {
      ask.close();
    }
    return ndarray("float32", [examples, ...shape], result);
  } finally {
    state.close();
  }
}

/** The first example whose result is not finite, and what is wrong with it or where that begins in the model. */
export async function causeInResults(
  model: Model,
  inputs: GivenInputs,
  details: AskDetails,
  name: string,
): Promise<string | undefined> {
  const { data } = await askModel(model, inputs, { ...details, probabilities: false, signal: undefined });
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return undefined;
  const example = Math.floor(bad / (data.length / examplesOf(inputs)));
  const own = Object.entries(inputs).map(([input, { array, scale, offset = 0 }]) => {
    const { dtype, shape } = model.inputs[input];
    const elements = Array.from(
      partOf(array, example, 1),
      (value) => dtype === "int32" ? value : value * scale + offset,
    );
    return [input, ndarray(dtype, [1, ...shape], elements)] as const;
  });
  const wrong = own.flatMap(([, { data }]) => [...data]).find((value) => !Number.isFinite(value));
  if (wrong !== undefined) return `example ${example} of ${name} has ${wrong} in it`;
  const { badLayer } = await import("../not_finite/find_cause.ts");
  const layer = await badLayer(model, details.device, Object.fromEntries(own));
  return `the result of example ${example} of ${name}` + (layer ? `, from ${layer} on` : "");
}
