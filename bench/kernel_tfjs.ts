/** A kernel case in TensorFlow.js, for comparison: on its fastest backend for the processor, or on WebGPU. */
import { inputValues, type KernelCase, type PreparedKernel, type TensorFlow } from "./kernel_case.ts";

/** Its backend for a kind of device. The one for processors is WebAssembly on one thread; plain JavaScript is far slower. */
export const tfjsBackend = { cpu: "wasm", webgpu: "webgpu" } as const;

/** Whether TensorFlow.js has the case there. */
export function hasTfjs({ tfjs, tfjsOnWebgpuAlone = false }: KernelCase, kind: "cpu" | "webgpu"): boolean {
  return tfjs !== undefined && (kind === "webgpu" || !tfjsOnWebgpuAlone);
}

async function load(kind: "cpu" | "webgpu"): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs-core");
  if (kind === "cpu") await import("@tensorflow/tfjs-backend-wasm");
  else await import("@tensorflow/tfjs-backend-webgpu");
  return tf;
}

/** Puts a case's inputs there. */
export async function prepareTfjs(
  kernel: KernelCase,
  kind: "cpu" | "webgpu",
): Promise<PreparedKernel> {
  const tf = await load(kind);
  const backend = tfjsBackend[kind];
  if (tf.getBackend() !== backend && !await tf.setBackend(backend)) {
    throw new Error(`Cannot open TensorFlow.js on ${backend}`);
  }
  await tf.ready();
  const inputs = inputValues(kernel).map((data, i) => tf.tensor(data, [...kernel.inputs[i]], "float32"));
  const compute = () => tf.tidy(() => kernel.tfjs!(tf, ...inputs));
  return {
    name: `TensorFlow.js ${tf.version_core}, ${backend}${kind === "cpu" ? ", 1 thread" : ""}`,
    run: async (times) => {
      let last: ReturnType<typeof compute> | undefined;
      for (let i = 0; i < times; i++) {
        last?.dispose();
        last = compute();
      }
      // One number of the result: reading it waits for all, and is as short as what Gesso reads.
      const one = tf.tidy(() => tf.slice(tf.reshape(last ?? inputs[0], [-1]), [0], [1]));
      await one.data();
      tf.dispose([one, ...last ? [last] : []]);
    },
    close: () => tf.dispose(inputs),
  };
}
