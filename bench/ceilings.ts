/** What a device reaches at best: multiply-adds that touch no memory. Kernels are judged by their share of it. */
import { adapterFacts, findAdapter } from "../devices/webgpu/runtime/adapter.ts";
import { encodeModule, FunctionBuilder } from "../devices/cpu/codegen/assembler.ts";
import { hasRelaxedSimd } from "../devices/cpu/runtime/relaxed_simd.ts";
import { RunTimer } from "./time_runs.ts";

/** As many sums as there are registers for, alone and where the engine joins two. */
const CHAINS = [12, 24];

/** GFLOP/s of one thread of WebAssembly. */
const cpuThread = () => Math.max(...CHAINS.map(multiplyAdds));

function multiplyAdds(chains: number): number {
  const f = new FunctionBuilder("run", ["i32", "i32"]);
  const sums = Array.from({ length: chains }, () => f.local("v128"));
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
  // Stored, so that it has to be computed, and side by side, so that it may be joined.
  sums.forEach((sum, i) => f.i32(0).get(sum).memory("v128_store", 16 * i));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const bytes = encodeModule([f.encode()], { initial: 1, maximum: 1, shared: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  const run = exports.run as (first: number, rounds: number) => void;
  // Short enough to be through before another program has the processor; the best one counts.
  const rounds = 50_000;
  run(0, 20 * rounds);
  let least = Infinity;
  for (let i = 0; i < 60; i++) {
    const begin = performance.now();
    run(0, rounds);
    least = Math.min(least, performance.now() - begin);
  }
  return rounds * 8 * chains * 4 * 2 / least / 1e6;
}

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

/** GFLOP/s of a GPU, the best of some measurements. */
async function gpu(): Promise<number> {
  const adapter = (await findAdapter())!;
  // As many threads as a large GPU has at work at one time; where the processor does it, a few milliseconds of work.
  const { isSoftware } = adapterFacts(adapter);
  const groups = isSoftware ? 128 : 4096;
  const device = await adapter.requestDevice();
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: shader }), entryPoint: "main" },
  });
  const buffer = device.createBuffer({ size: groups * 64 * 16, usage: 0x80 });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const run = async (times: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  const timer = await RunTimer.of(run, isSoftware ? 0.02 : 0.15);
  const seconds = Math.min(...await timer.samples(isSoftware ? 30 : 10));
  device.destroy();
  return groups * 64 * ROUNDS * 4 * 8 * 4 * 2 / seconds / 1e9;
}

/** What a run is worth: floating-point operations, or bytes read and written. */
export interface Work {
  readonly flops?: number;
  readonly bytes?: number;
  /** Whether sums of 3 x 3 windows are among it, for which the cpu device may take a quarter of their products (Winograd). */
  readonly sumsWindows?: boolean;
}

/** How fast work was done, with its unit: bytes where they are known, as these are what then bounds it. */
export function rateOf({ flops = 0, bytes }: Work, seconds: number): { rate: number; unit: string } {
  return { rate: (bytes ?? flops) / seconds / 1e9, unit: bytes === undefined ? "GFLOP/s" : "GB/s" };
}

/** How many times fewer products sums of windows may take. */
const FEWER_PRODUCTS = 4;

/** A multiply-add is two operations on three numbers; no processor moves more bytes than these take. */
const BYTES_PER_FLOP = 6;

/**
 * The best that multiply-adds alone were seen to reach on a kind of device in this run. On the CPU it is what one thread
 * reaches, times the threads. Nothing is measured before it is asked for.
 */
export class Ceiling {
  readonly #measure: () => Promise<number>;
  readonly #kind: "cpu" | "webgpu";
  #best = 0;

  constructor(kind: "cpu" | "webgpu", threads: number = navigator.hardwareConcurrency) {
    this.#kind = kind;
    this.#measure = async () => kind === "cpu" ? cpuThread() * threads : await gpu();
  }

  /** In GFLOP/s. */
  async rate(): Promise<number> {
    if (this.#best === 0) await this.#again();
    return this.#best;
  }

  /**
   * Checks a measurement against it.
   *
   * @throws {RangeError} when so much work cannot have been done in so many seconds.
   */
  async check(what: string, work: Work, seconds: number): Promise<void> {
    const { flops = 0, bytes = 0, sumsWindows = false } = work;
    const needed = sumsWindows && this.#kind === "cpu" ? flops / FEWER_PRODUCTS : flops;
    const least = Math.max(needed, bytes / BYTES_PER_FLOP) / seconds / 1e9;
    if (least <= await this.rate()) return;
    // Something else may have held up the multiply-adds when they were measured.
    for (let i = 0; i < 5; i++) {
      await this.#again();
      if (least <= this.#best) return;
    }
    const { rate, unit } = rateOf(work, seconds);
    throw new RangeError(
      `Cannot believe the time of ${what}: it makes ${shown(rate)} ${unit} where multiply-adds alone make ` +
        `${shown(this.#best)} GFLOP/s; the clock was stopped before the work was done`,
    );
  }

  async #again(): Promise<void> {
    this.#best = Math.max(this.#best, await this.#measure());
  }
}

const shown = (rate: number) => rate.toLocaleString("en", { maximumFractionDigits: rate < 100 ? 1 : 0 });
