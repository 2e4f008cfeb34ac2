/**
 * What the engine needs of a device: memory, and a way to run a planned program. `devices/cpu` and
 * `devices/webgpu` are the two that exist.
 */
import type { Plan } from "./plan.ts";
import type { Tensor } from "./tensor.ts";
import type { FusePolicy } from "./passes/storage_choice.ts";
import type { Tuning } from "./tuning.ts";

/** Memory on a device; opaque to everything but its device. */
export interface DeviceBuffer {
  /** Its size. */
  readonly bytes: number;
}

/** A program on a device, ready to run. */
export interface Executable {
  /** Kernels that are started in one run. */
  readonly dispatches: number;
  /** Command buffers that are handed over in one run, at most: several short runs may share one. */
  readonly submits: number;
  /** Bytes of device memory that belong to this program alone. */
  readonly bytes: number;
  /** One line per kernel: how it is computed. */
  describe(): readonly string[];
  /** Starts `times` runs, one after another. Does not wait for them. */
  run(times: number): void;
  /** Frees the memory. Runs that were started still finish. */
  close(): void;
}

/**
 * Makes a plan runnable; `bufferOf` gives the memory of tensors that live outside of the plan. Timing and compiling kernels
 * can take many seconds: the signal ends it in between.
 */
export type Compile = (
  plan: Plan,
  bufferOf: (tensor: Tensor) => DeviceBuffer,
  signal?: AbortSignal,
) => Promise<Executable>;

/** A thing that runs programs. */
export interface Device {
  /** Which of the two it is. */
  readonly kind: "cpu" | "webgpu";
  /** For people: `cpu, 2 threads, WebAssembly relaxed SIMD`. */
  readonly description: string;
  /**
   * What it wants of fusion.
   * @internal
   */
  readonly policy: FusePolicy;
  /** What it knows of the fastest variants of kernels; left out, it takes what is good in general. */
  tuning?: Tuning;
  /** The most bytes that one tensor may have. */
  readonly maxTensorBytes: number;
  /** Zeroed memory. */
  allocate(bytes: number, label: string): DeviceBuffer;
  /** Gives memory back. */
  release(buffer: DeviceBuffer): void;
  /** Copies bytes into a buffer, after all that was started before. */
  write(buffer: DeviceBuffer, bytes: Uint8Array, offset?: number): void;
  /** Copies bytes out of a buffer, after all that was started before. */
  read(buffer: DeviceBuffer, offset?: number, bytes?: number): Promise<Uint8Array>;
  /**
   * Loads what it compiles with.
   * @internal
   */
  compiler(): Promise<Compile>;
  /** Ends the device; nothing on it can be used after. */
  close(): void;
}
