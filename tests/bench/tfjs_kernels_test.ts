/** The kernels that benches compare compute the same. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { assert, assertEquals } from "@std/assert";
import { contractionCases, exampleCases } from "../../bench/contraction_cases.ts";
import { inputValues, type KernelCase } from "../../bench/kernel_case.ts";
import { memoryCases } from "../../bench/memory_cases.ts";
import { cpuDevice, ndarray, program, State } from "../../mod.ts";

const device = cpuDevice();

async function ours(kernel: KernelCase): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const state: State = new State(
    device,
    Object.fromEntries(
      inputValues(kernel).map((data, i) => [`x${i}`, ndarray("float32", kernel.inputs[i], data)]),
    ),
  );
  const compiled = await program(
    (s) => ({ outputs: { y: kernel.build(...kernel.inputs.map((_, i) => s[`x${i}`])) } }),
    { state },
  );
  const { y } = await compiled.call();
  compiled.close();
  state.close();
  return { shape: y.shape, data: y.data as Float32Array };
}

async function theirs(kernel: KernelCase): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const inputs = inputValues(kernel).map((data, i) => tf.tensor(data, [...kernel.inputs[i]], "float32"));
  const y = kernel.tfjs!(tf, ...inputs);
  const data = await y.data() as Float32Array;
  tf.dispose([...inputs, y]);
  return { shape: y.shape, data };
}

Deno.test("TensorFlow.js computes the same in each case of deno bench", async () => {
  await tf.setBackend("cpu");
  // Convolutions of few images: its plain JavaScript needs seconds for the gradient of more.
  const small = contractionCases.filter(({ group, name }) =>
    group !== "conv2d 3x3" && !name.startsWith("1024")
  );
  for (const kernel of [...small, ...exampleCases(1), ...memoryCases]) {
    const [a, b] = [await ours(kernel), await theirs(kernel)];
    const what = `${kernel.group} ${kernel.name}`;
    assertEquals(a.shape, b.shape, what);
    const largest = a.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
    assert(largest > 0 && apart <= 1e-3 * largest, `${what}: ${apart} apart, of ${largest}`);
  }
  device.close();
});
