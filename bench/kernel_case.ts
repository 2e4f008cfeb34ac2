/** One kernel under a clock: a program that is run many times on a device. */
import type * as tf from "@tensorflow/tfjs-core";
import { type Device, ndarray, program, State, type Tensor } from "../mod.ts";
import type { Work } from "./ceilings.ts";
import type { Run } from "./time_runs.ts";

/** TensorFlow.js as a module. */
export type TensorFlow = typeof tf;

/** A case: what to compute of which inputs, and what one run is worth. */
export interface KernelCase extends Work {
  readonly group: string;
  readonly name: string;
  readonly inputs: readonly (readonly number[])[];
  build(...inputs: Tensor[]): Tensor;
  /** The same in TensorFlow.js. */
  tfjs?(tf: TensorFlow, ...inputs: tf.Tensor[]): tf.Tensor;
  /** Whether only its `webgpu` backend has it; else its `wasm` backend does, too. */
  readonly tfjsOnWebgpuAlone?: boolean;
}

/** A case that is ready to run. */
export interface PreparedKernel {
  /** Who computes it, where and how. */
  readonly name: string;
  readonly run: Run;
  /** Gives its memory back. */
  close(): void;
}

/** The values of a case's inputs: the same in each run and in each library, from -0.5 up to 0.5. */
export function inputValues({ inputs }: KernelCase): Float32Array<ArrayBuffer>[] {
  let seed = 1;
  const next = () => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0) / 2 ** 32 - 0.5;
  return inputs.map((shape) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next));
}

/** Compiles a case. */
export async function prepare(kernel: KernelCase, device: Device): Promise<PreparedKernel> {
  const values = inputValues(kernel).map((data, i) =>
    [`x${i}`, ndarray("float32", kernel.inputs[i], data)] as const
  );
  const state: State = new State(device, {
    ...Object.fromEntries(values),
    done: ndarray("float32", [], [0]),
  });
  const compiled = await program((s: Record<string, Tensor>) => {
    return { outputs: { y: kernel.build(...kernel.inputs.map((_, i) => s[`x${i}`])) } };
  }, { state });
  return {
    name: `Gesso, ${device.description}`,
    run: async (times) => {
      compiled.run({ times });
      // Reading anything waits for all that was started.
      await state.read("done");
    },
    close: () => {
      compiled.close();
      state.close();
    },
  };
}
