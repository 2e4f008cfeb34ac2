/** What a device reaches at best: multiply-adds that touch no memory. Kernels are judged by their share of it. */
import { encodeModule, FunctionBuilder } from "../devices/cpu/assembler.ts";
import { hasRelaxedSimd } from "../devices/cpu/relaxed_simd.ts";
import { median, secondsOfOne } from "./machine.ts";

const CHAINS = 12;

/** GFLOP/s of one thread of WebAssembly. */
function cpuThread(): number {
  const f = new FunctionBuilder("run", ["i32", "i32"]);
  const sums = Array.from({ length: CHAINS }, () => f.local("v128"));
  const [a, b] = [f.local("v128"), f.local("v128")];
  f.f32(0.5).op("f32x4_splat").set(a).f32(0.25).op("f32x4_splat").set(b);
  const counter = f.local("i32");
  f.i32(0).set(counter);
  f.countTo(counter, () => f.get(1), 1, () => {
    for (let i = 0; i < 8; i++) {
      for (const sum of sums) {
        if (hasRelaxedSimd()) f.get(sum).get(a).get(b).op("f32x4_relaxed_madd").set(sum);
        else f.get(sum).get(a).op("f32x4_mul").get(b).op("f32x4_add").set(sum);
      }
    }
  });
  // Stored, so that it has to be computed.
  for (const sum of sums) f.i32(0).get(sum).memory("v128_store", 0);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const bytes = encodeModule([f], { initial: 1, maximum: 1, shared: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  const run = exports.run as (first: number, rounds: number) => void;
  const rounds = 1_000_000;
  run(0, rounds);
  const rates = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    run(0, rounds);
    return rounds * 8 * CHAINS * 4 * 2 / (performance.now() - begin) / 1e6;
  });
  return median(rates);
}

const GROUPS = 4096;
const ROUNDS = 256;
const shader = `
@group(0) @binding(0) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = vec4<f32>(f32(id.x) * 1e-9 + 0.5);
  let b = vec4<f32>(0.25);
${Array.from({ length: 8 }, (_, i) => `  var s${i} = vec4<f32>(${i}.0);`).join("\n")}
  for (var i = 0; i < ${ROUNDS}; i++) {
${Array.from({ length: 8 }, (_, i) => `    s${i} = fma(s${i}, a, b);`).join("\n").repeat(4)}
  }
  result[id.x] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}`;

/** GFLOP/s of a GPU. */
async function gpu(): Promise<number> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const device = await adapter!.requestDevice();
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: shader }), entryPoint: "main" },
  });
  const buffer = device.createBuffer({ size: GROUPS * 64 * 16, usage: 0x80 });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const run = async (times: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(GROUPS);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  const seconds = await secondsOfOne(run, { rounds: 5, seconds: 0.15 });
  device.destroy();
  return GROUPS * 64 * ROUNDS * 4 * 8 * 4 * 2 / seconds / 1e9;
}

/** GFLOP/s that multiply-adds alone reach; on the CPU, what one thread reaches times the threads. */
export async function multiplyAddCeiling(kind: "cpu" | "webgpu", threads: number): Promise<number> {
  return kind === "cpu" ? cpuThread() * threads : await gpu();
}
