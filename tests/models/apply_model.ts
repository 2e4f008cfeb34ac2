/** What a model computes for a batch, on the cpu device: to be compared with plain loops. */
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Model } from "../../models/model.ts";
import { grad, mul, RandomSource, sum, tensor } from "../../ops/mod.ts";

const device = cpuDevice({ threads: 1 });

/** How a model is applied. */
export interface ApplyOptions {
  readonly training?: boolean;
  /** The seed and the number of the step that dropout draws for. */
  readonly seed?: number;
  readonly step?: number;
  /** With these, gradients of the sum of all results, each times its own factor. */
  readonly factors?: readonly number[];
}

/** What came out. */
export interface Applied {
  readonly output: NdArray;
  /** New values of weights that are not trained. */
  readonly updates: Record<string, NdArray>;
  /** By `x` and the names of weights; empty without factors. */
  readonly gradients: Record<string, NdArray>;
}

/** Applies a model to a batch. */
export async function applyModel(model: Model, x: NdArray, options: ApplyOptions = {}): Promise<Applied> {
  const { training = false, seed = 0, step = 0, factors } = options;
  const given: Record<string, NdArray> = { x, ...Object.fromEntries(model.weights) };
  let updated: string[] = [];
  const program = await compileProgram((_state, inputs: Record<string, Tensor>) => {
    const random = new RandomSource({ seed, counter: step });
    const { output, updates } = model.apply(inputs.x, inputs, { training, random });
    updated = Object.keys(updates);
    const outputs: Record<string, Tensor> = { output };
    for (const name of updated) outputs[`update:${name}`] = updates[name];
    if (factors) {
      const names = Object.keys(given);
      const value = sum(mul(output, tensor(Float32Array.from(factors), output.shape)));
      grad(value, names.map((name) => inputs[name])).forEach((g, i) => outputs[`gradient:${names[i]}`] = g);
    }
    return { outputs };
  }, { device, inputs: given });
  const values = await program.call(given);
  program.close();
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return { output: values.output, updates: under("update:"), gradients: under("gradient:") };
}

/** float32 numbers that differ, from -1 to 1, the same ones every time. */
export function someNumbers(shape: readonly number[], seed = 1): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  let state = seed * 2654435761 >>> 0;
  const data = Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return ndarray("float32", shape, data);
}

/** Gives every weight of a model some numbers: biases that begin as zeros would hide mistakes. */
export function fillWeights(model: Model, seed = 1): void {
  [...model.weights].forEach(([name, { shape }], i) => model.setWeight(name, someNumbers(shape, seed + i)));
}
