/** One kernel under a clock: a program that is run many times, on each device there is. */
import { cpuDevice, type Device, ndarray, program, selectDevice, State, type Tensor } from "../mod.ts";

/** A case: what to compute of which inputs, and what one run is worth. */
export interface KernelCase {
  readonly group: string;
  readonly name: string;
  readonly inputs: readonly (readonly number[])[];
  build(...inputs: Tensor[]): Tensor;
  /** Floating-point operations of a run, for GFLOP/s. */
  readonly flops?: number;
  /** Bytes read and written, for GB/s. */
  readonly bytes?: number;
}

/** The devices to measure on: the CPU, and WebGPU where there is an adapter. */
export async function benchDevices(): Promise<Device[]> {
  const devices: Device[] = [cpuDevice()];
  try {
    devices.push((await selectDevice("webgpu")).device);
  } catch {
    console.error("webgpu is left out: no adapter was found");
  }
  return devices;
}

/** Compiles a case; the function that is given runs it `times` times and waits. */
export async function prepare(kernel: KernelCase, device: Device): Promise<(times: number) => Promise<void>> {
  let seed = 1;
  const next = () => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0) / 2 ** 32 - 0.5;
  const values = kernel.inputs.map((shape, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [`x${i}`, ndarray("float32", shape, Float32Array.from({ length: size }, next))] as const;
  });
  const state: State = new State(device, {
    ...Object.fromEntries(values),
    done: ndarray("float32", [], [0]),
  });
  const run = await program((s: Record<string, Tensor>) => {
    return { outputs: { y: kernel.build(...kernel.inputs.map((_, i) => s[`x${i}`])) } };
  }, { state });
  return async (times) => {
    run.run({ times });
    // Reading anything waits for all that was started.
    await state.read("done");
  };
}

/** Registers cases with `deno bench`: one group for each device and group, each bench waits for its runs. */
export async function register(cases: readonly KernelCase[]): Promise<void> {
  for (const device of await benchDevices()) {
    for (const kernel of cases) {
      const run = await prepare(kernel, device);
      await run(2);
      // Enough runs at a time that waiting, some 10 ms on a GPU, does not count.
      const begin = performance.now();
      await run(1);
      const times = Math.max(1, Math.min(200, Math.round(100 / (performance.now() - begin))));
      const worth = [
        kernel.flops ? `${(kernel.flops * times / 1e9).toFixed(2)} GFLOP` : "",
        kernel.bytes ? `${(kernel.bytes * times / 1e9).toFixed(2)} GB` : "",
      ].filter((part) => part).join(", ");
      Deno.bench({
        group: `${kernel.group}, ${device.kind}`,
        name: `${kernel.name}, ${times} runs${worth ? `: ${worth}` : ""}`,
        fn: () => run(times),
      });
    }
  }
}
