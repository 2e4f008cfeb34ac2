/** A GPU as a device, through WebGPU: pipelines and bind groups are made once, a run is one pass and one submit. */
import type { Compile, Device, DeviceBuffer } from "../../engine/device.ts";
import { DeviceError, DeviceLostError } from "../../engine/errors.ts";
import { formatBytes } from "../../engine/explain.ts";
import { SLOT_ALIGNMENT } from "../../engine/passes/memory_plan.ts";
import type { FusePolicy } from "../../engine/passes/storage_choice.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import { type AdapterFacts, adapterFacts, findAdapter, openDevice } from "./runtime/adapter.ts";
import { gpuSizes, softwareSizes } from "./runtime/software_adapter.ts";
import { subgroupDirective } from "./runtime/subgroups.ts";
import type { Target } from "./codegen/target.ts";

interface GpuBuffer extends DeviceBuffer {
  readonly gpu: GPUBuffer;
}

/** Options of {@linkcode webgpuDevice}. */
export interface WebgpuDeviceOptions {
  /** The adapter; the one that WebGPU prefers for speed when left out. */
  readonly adapter?: GPUAdapter;
  /**
   * Whether threads may read each other's values without a barrier, where the adapter allows it.
   *
   * @default {true}
   */
  readonly subgroups?: boolean;
}

/** Where fewer threads would go through all rounds of a sum, it is rather cut into parts. */
const FEWEST_SCATTERED = 1 << 13;

/** Opens the GPU; throws where there is no adapter at all. A software adapter will do. */
export async function webgpuDevice(options: WebgpuDeviceOptions = {}): Promise<Device> {
  const found = options.adapter ?? await findAdapter();
  if (!found) {
    throw new DeviceError(
      "Cannot open a webgpu device: no adapter was found (on Linux this needs a Vulkan driver, " +
        "such as the package mesa-vulkan-drivers); the cpu device works everywhere",
    );
  }
  const facts = adapterFacts(found);
  const device = await openDevice(found);
  const isGranted = options.subgroups !== false && device.features.has("subgroups");
  const directive = isGranted && facts.subgroups ? await subgroupDirective(device) : undefined;
  const target: Target = {
    ...facts.isSoftware ? softwareSizes : gpuSizes,
    maxBindings: device.limits.maxStorageBuffersPerShaderStage,
    maxSharedBytes: device.limits.maxComputeWorkgroupStorageSize,
    ...directive !== undefined && { subgroups: { ...facts.subgroups!, directive } },
  };
  return new WebgpuDevice(device, facts, target);
}

/** Storage that can be copied from and to. */
const USAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
const STAGING = 0x01 | 0x08; // MAP_READ | COPY_DST
const MAP_READ = 0x01;

/** Made out here, as what lives as long as a program would have all of its plan live on. */
const gpuBuffersOf = (bufferOf: (tensor: Tensor) => DeviceBuffer) => (tensor: Tensor): GPUBuffer =>
  (bufferOf(tensor) as GpuBuffer).gpu;

class WebgpuDevice implements Device {
  readonly kind = "webgpu";
  readonly description: string;
  readonly policy: FusePolicy;
  readonly maxTensorBytes: number;
  tuning?: Tuning;
  readonly #device: GPUDevice;
  readonly #target: Target;
  /** Buffers for reading back that are free, by size. */
  readonly #staging = new Map<number, GPUBuffer[]>();
  #failure: Error | undefined;

  constructor(device: GPUDevice, facts: AdapterFacts, target: Target) {
    this.#device = device;
    this.#target = target;
    this.description = `webgpu, ${facts.name}${facts.isSoftware ? " (software)" : ""}`;
    this.maxTensorBytes = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    this.policy = {
      maxOperands: target.maxBindings,
      arenaPart: Math.floor(device.limits.maxBufferSize / SLOT_ALIGNMENT) * SLOT_ALIGNMENT,
      windowLimit: 4,
      split: {
        reductions: [{ results: 1 << 14, shortestPart: 128 }],
        // More than fill a GPU are worth it only where each still has much to do. A tile adds its terms one after another,
        // and rounding grows with their number: very long sums are cut however many results there are.
        contractions: [
          { results: 1 << 18, shortestPart: 128 },
          { results: 1 << 20, shortestPart: 512 },
          { results: 1 << 24, shortestPart: 4096 },
        ],
        unevenFrom: 8192,
        scatter: { fewestResults: FEWEST_SCATTERED },
      },
    };
    device.lost.then((info) => {
      this.#failure ??= info.reason === "destroyed"
        ? new DeviceError("Cannot use the webgpu device: it was closed")
        : new DeviceLostError(
          `Cannot go on with ${this.description}: the device was lost (${info.message || info.reason})`,
        );
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#failure ??= new DeviceError(
        `Cannot go on with ${this.description}: ${(event as GPUUncapturedErrorEvent).error.message}`,
      );
    });
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  allocate(bytes: number, label: string): GpuBuffer {
    this.#check();
    const limit = this.#device.limits.maxBufferSize;
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    if (size > limit) {
      throw new RangeError(
        `Cannot allocate ${formatBytes(size)} for ${label} on ${this.description}: ` +
          `a buffer may have ${formatBytes(limit)}; in several tensors it fits`,
      );
    }
    return { bytes: size, gpu: this.#device.createBuffer({ size, usage: USAGE, label }) };
  }

  release(buffer: DeviceBuffer): void {
    (buffer as GpuBuffer).gpu.destroy();
  }

  write(buffer: DeviceBuffer, bytes: Uint8Array, offset = 0): void {
    this.#check();
    const { gpu } = buffer as GpuBuffer;
    const whole = bytes.byteLength - bytes.byteLength % 4;
    const data = bytes as Uint8Array<ArrayBuffer>;
    if (whole > 0) this.#device.queue.writeBuffer(gpu, offset, data, 0, whole);
    if (whole < bytes.byteLength) {
      // Copies are in words; slots are longer than their contents.
      const last = new Uint8Array(4);
      last.set(bytes.subarray(whole));
      this.#device.queue.writeBuffer(gpu, offset + whole, last);
    }
  }

  async read(buffer: DeviceBuffer, offset = 0, bytes = buffer.bytes - offset): Promise<Uint8Array> {
    this.#check();
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    const free = this.#staging.get(size) ?? [];
    this.#staging.set(size, free);
    const staging = free.pop() ?? this.#device.createBuffer({ size, usage: STAGING, label: "read back" });
    const encoder = this.#device.createCommandEncoder({ label: "read back" });
    encoder.copyBufferToBuffer((buffer as GpuBuffer).gpu, offset, staging, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(MAP_READ, 0, size);
    } catch (cause) {
      // The reason arrives with the promise of the lost device.
      await Promise.resolve();
      throw this.#failure ??
        new DeviceLostError(`Cannot read from ${this.description}: ${(cause as Error).message}`);
    }
    const copy = new Uint8Array(staging.getMappedRange(0, size)).slice(0, bytes);
    staging.unmap();
    // Large ones are rare, and would stay for ever.
    if (size <= 1 << 20 && free.length < 8) free.push(staging);
    else staging.destroy();
    this.#check();
    return copy;
  }

  async compiler(): Promise<Compile> {
    const { compilePlan } = await import("./compile_plan.ts");
    return async (plan, bufferOf, signal) => {
      this.#check();
      const { program, how } = await compilePlan(plan, this.#target, this.tuning, {
        device: this.#device,
        description: this.description,
        maxTensorBytes: this.maxTensorBytes,
        signal,
        allocate: (bytes, label) => this.allocate(bytes, label).gpu,
        bufferOf: gpuBuffersOf(bufferOf),
      });
      return {
        dispatches: program.dispatches,
        submits: 1,
        bytes: program.bytes,
        describe: () => how,
        run: (times) => {
          this.#check();
          program.run(times);
        },
        close: () => program.close(),
      };
    };
  }

  close(): void {
    this.#failure ??= new DeviceError("Cannot use the webgpu device: it was closed");
    for (const free of this.#staging.values()) for (const buffer of free) buffer.destroy();
    this.#device.destroy();
  }
}
