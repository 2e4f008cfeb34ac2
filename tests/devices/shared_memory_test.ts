/** GPUs whose threads may share no more than WebGPU promises: 16 KiB. */
import { assert, assertEquals } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { findAdapter } from "../../devices/webgpu/runtime/adapter.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { NumberedWay } from "./numbered_variant.ts";
import { shaderTexts } from "./shader_texts.ts";

/** An adapter that allows less than it could. */
async function modestAdapter(): Promise<GPUAdapter> {
  const adapter = (await findAdapter())!;
  const limits: Record<string, unknown> = {};
  for (const key in adapter.limits) limits[key] = adapter.limits[key as keyof GPUSupportedLimits];
  return {
    info: adapter.info,
    features: adapter.features,
    limits: { ...limits, maxComputeWorkgroupStorageSize: 16384 },
    requestDevice: (wanted: GPUDeviceDescriptor) => adapter.requestDevice(wanted),
  } as unknown as GPUAdapter;
}

/** The bytes that a kernel declares as shared: not every adapter minds when they are too many. */
function sharedBytes(text: string): number {
  const sizes = [...text.matchAll(/var<workgroup> \w+: (.*);/g)].map(([, type]) => {
    const lengths = [...type.matchAll(/, (\d+)>/g)].map(([, length]) => Number(length));
    return lengths.reduce((a, b) => a * b, type.includes("vec4") ? 16 : 4);
  });
  return sizes.reduce((a, b) => a + b, 0);
}

const shapes = { a: [130, 32], b: [32, 132], x: [1000, 9] };
/** A product whose sum would fit into one slice, and more sums at one time than can be shared. */
const build = ({ a, b, x }: Record<string, Tensor>): Record<string, Tensor> => ({
  product: g.matmul(a, b),
  sums: g.stack([
    g.sum(x),
    g.sum(g.square(x)),
    g.max(x),
    g.min(x),
    g.logSumExp(x),
    g.mean(g.exp(x)),
    g.sum(g.abs(x)),
    g.logSumExp(g.mul(x, 2)),
    g.logSumExp(g.mul(x, 3)),
  ]),
});

async function resultsOn(device: Device): Promise<number[]> {
  const given = Object.entries(shapes).map(([name, shape]) => {
    const data = Float32Array.from(
      { length: shape.reduce((p, q) => p * q, 1) },
      (_, i) => Math.sin(i * 0.37 + shape[0]),
    );
    return [name, ndarray("float32", shape, data)] as const;
  });
  const inputs = Object.fromEntries(
    given.map(([name, { shape }]) => [name, { dtype: "float32", shape } as const]),
  );
  const program = await compileProgram(
    (_state, tensors: Record<string, Tensor>) => ({ outputs: build(tensors) }),
    { device, inputs },
  );
  const found = await program.call(Object.fromEntries(given));
  program.close();
  return Object.values(found).flatMap(({ data }) => [...data]);
}

Deno.test({
  name: "kernels for GPUs fit into 16 KiB of shared memory, in all their variants",
  ignore: webgpu === undefined,
  fn: async () => {
    const device = await webgpuDevice({ adapter: await modestAdapter() });
    const known = await resultsOn(cpuDevice({ threads: 1 }));
    const texts = await shaderTexts(async () => {
      const usual = await resultsOn(device);
      usual.forEach((v, i) =>
        assert(Math.abs(v - known[i]) <= 1e-4 * Math.max(1, Math.abs(known[i])), `${i}`)
      );
      for (let number = 1; number < 9; number++) {
        device.tuning = new NumberedWay(number);
        assertEquals(await resultsOn(device), usual);
      }
    });
    const most = Math.max(...texts.map(sharedBytes));
    assert(most > 8192 && most <= 16384, `${most}`);
    device.close();
  },
});
