/** The CPU as a device: WebAssembly made for each program, on one thread or several. */
import type { Compile, Device, DeviceBuffer, Executable } from "../../engine/device.ts";
import { DeviceError } from "../../engine/errors.ts";
import { flag, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import type { Plan } from "../../engine/plan.ts";
import { collector } from "../../engine/state.ts";
import type { FusePolicy } from "../../engine/passes/storage_choice.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import { CONTROL_BYTES, LinearMemory } from "./runtime/linear_memory.ts";
import { hasRelaxedSimd } from "./runtime/relaxed_simd.ts";
import { SliceModules } from "./runtime/slice_modules.ts";
import { Workers } from "./runtime/workers.ts";

/** Options of {@linkcode cpuDevice}. */
export interface CpuDeviceOptions {
  /**
   * The number of threads; one for each processor when left out. With one, programs run on the calling thread and
   * `run` returns when they are done.
   */
  readonly threads?: number;
  /**
   * Whether WebAssembly is written for an engine that joins two vectors of four floats to one of eight, as Deno's does when it
   * is told to: `--v8-flags=--experimental-wasm-revectorize`, on machines that have AVX2. It is slower elsewhere. Left out, it
   * is found out.
   */
  readonly joinsLanes?: boolean;
}

interface CpuBuffer extends DeviceBuffer {
  readonly address: number;
}

/**
 * The CPU as a device. Needs no permission.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cpuDevice, ndarray, ops, program } from "@gesso/gesso";
 *
 * const device = cpuDevice({ threads: 1 });
 * const inputs = { x: { dtype: "float32", shape: [2] } } as const;
 * const p = await program((_state, { x }) => ({ outputs: { y: ops.tanh(x) } }), { device, inputs });
 * const { y } = await p.call({ x: ndarray("float32", [2], [0, 20]) });
 * assertEquals([...y.data], [0, 1]);
 * ```
 */
export function cpuDevice(options: CpuDeviceOptions = {}): Device {
  const available = globalThis.navigator?.hardwareConcurrency ?? 1;
  const { threads, joinsLanes } = readOptions("make a cpu device", options, {
    threads: optional(whole(1, 256), Math.min(available, 256)),
    joinsLanes: optional(flag),
  });
  const canShare = typeof SharedArrayBuffer !== "undefined";
  return new CpuDevice(canShare ? threads : 1, joinsLanes);
}

/** Rounding grows with the parts of a tile's sum, whose number is so bounded. */
const LONGEST_SUMS = { results: 1 << 24, shortestPart: 1 << 16 };

/** Made out here, as what lives as long as a program would have all of its plan live on. */
const addressesOf = (bufferOf: (tensor: Tensor) => DeviceBuffer) => (tensor: Tensor): number =>
  (bufferOf(tensor) as CpuBuffer).address;

let programs = 0;

class CpuDevice implements Device {
  readonly kind = "cpu";
  readonly description: string;
  readonly policy: FusePolicy = {
    maxOperands: 64,
    windowLimit: 6,
    operandCost: 12,
    rows: { fewest: 64, shortest: 16, longest: 1 << 16 },
    longAlone: 1 << 17,
    split: {
      reductions: [{ results: 1024, shortestPart: 8192 }],
      contractions: [LONGEST_SUMS],
      scatter: { fewestResults: 0 },
    },
  };
  /** A quarter of what a 32-bit memory can hold. */
  readonly maxTensorBytes: number = 2 ** 30;
  tuning?: Tuning;
  readonly #threads: number;
  readonly #memory: LinearMemory;
  readonly #workers: Workers | undefined;
  readonly #control: number;
  readonly #sliceModules: SliceModules;
  readonly #joinsLanes: boolean | undefined;
  /** The end of all work that was handed over; `undefined` when there is none. */
  #last: Promise<void> | undefined;
  #failure: unknown;
  #isClosed = false;

  constructor(threads: number, joinsLanes: boolean | undefined) {
    this.#threads = threads;
    this.#joinsLanes = joinsLanes;
    this.#memory = new LinearMemory(threads > 1);
    this.#control = this.#memory.allocate(CONTROL_BYTES);
    this.#sliceModules = new SliceModules(this.#memory);
    if (threads > 1) {
      this.#workers = new Workers(threads, this.#memory.memory);
      const workers = this.#workers;
      collector.register(this, () => void workers.end(), this);
    }
    const simd = hasRelaxedSimd() ? "relaxed SIMD" : "SIMD";
    this.description = `cpu, ${threads} thread${threads > 1 ? "s" : ""}, WebAssembly ${simd}`;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new DeviceError("Cannot use the cpu device: it was closed");
    if (this.#failure) throw this.#failure;
  }

  /** Does something after all work before; at once when there is none. */
  #after(task: () => void | Promise<void>): void {
    if (!this.#last && !this.#workers) {
      task();
      return;
    }
    const run = async () => {
      if (!this.#failure) await task();
    };
    const next: Promise<void> = (this.#last ?? Promise.resolve()).then(run).catch((error) => {
      this.#failure = error;
    }).then(() => {
      if (this.#last === next) this.#last = undefined;
    });
    this.#last = next;
  }

  allocate(bytes: number, _label: string): CpuBuffer {
    this.#checkOpen();
    return { bytes, address: this.#memory.allocate(bytes) };
  }

  release(buffer: DeviceBuffer): void {
    const { address, bytes } = buffer as CpuBuffer;
    this.#after(() => this.#memory.release(address, bytes));
  }

  write(buffer: DeviceBuffer, bytes: Uint8Array, offset = 0): void {
    this.#checkOpen();
    const { address } = buffer as CpuBuffer;
    if (!this.#last) {
      this.#memory.view.set(bytes, address + offset);
      return;
    }
    const copy = bytes.slice();
    this.#after(() => this.#memory.view.set(copy, address + offset));
  }

  async read(buffer: DeviceBuffer, offset = 0, bytes = buffer.bytes - offset): Promise<Uint8Array> {
    this.#checkOpen();
    await this.#last;
    this.#checkOpen();
    const { address } = buffer as CpuBuffer;
    return this.#memory.view.slice(address + offset, address + offset + bytes);
  }

  async compiler(): Promise<Compile> {
    const { compilePlan } = await import("./compile_plan.ts");
    return (plan, bufferOf, signal) => this.#compile(compilePlan, plan, bufferOf, signal);
  }

  async #compile(
    compilePlan: typeof import("./compile_plan.ts").compilePlan,
    plan: Plan,
    bufferOf: (tensor: Tensor) => DeviceBuffer,
    signal: AbortSignal | undefined,
  ): Promise<Executable> {
    this.#checkOpen();
    const { bytes, slices, arena, arenaBytes, how } = await compilePlan(plan, {
      joinsLanes: this.#joinsLanes,
      sliceModules: this.#sliceModules,
      threads: this.#threads,
      control: this.#control,
      tuning: this.tuning,
      signal,
      memory: this.#memory,
      addressOf: addressesOf(bufferOf),
    });
    const module = await WebAssembly.compile(bytes);
    const id = programs++;
    let run: (times: number) => void | Promise<void>;
    if (this.#workers) {
      const workers = this.#workers;
      await workers.load(id, module, this.#sliceModules.named(slices));
      run = (times) => workers.run(id, times);
    } else {
      const { exports } = new WebAssembly.Instance(module, this.#sliceModules.importsOf(slices));
      run = (times) => (exports.run as (worker: number, times: number) => void)(0, times);
    }
    return {
      dispatches: plan.dispatches,
      submits: 1,
      bytes: arenaBytes,
      describe: () => how,
      run: (times) => {
        this.#checkOpen();
        this.#after(() => run(times));
      },
      close: () => {
        if (this.#isClosed) return;
        this.#after(() => {
          this.#memory.release(arena, arenaBytes);
          void this.#workers?.drop(id);
        });
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    collector.unregister(this);
    void this.#workers?.end();
  }
}
