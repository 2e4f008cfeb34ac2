/** Dispatches with pipelines, bind groups and memory of their own: made once, encoded again and again. */
import { DeviceError } from "../../engine/errors.ts";
import { formatBytes } from "../../engine/explain.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { bindDivided, divide } from "./compile_ahead.ts";
import { copiesTexture, type Dispatch, dispatchOf, type Step, submit, textureCopies } from "./dispatches.ts";
import type { BoundMemory, ProgramText, ProgramTexts } from "./kernel_texts.ts";
import { TEXEL_BYTES } from "./wgsl_texel.ts";

/** Dispatches that are handed over at one time, about: a GPU begins with them when they all are there. */
const DISPATCHES_TOGETHER = 200;
/** Operations that are handed over at one time, about: some systems take a GPU that is long at it for a broken one. */
const FLOPS_TOGETHER = 2e10;

/** What a program runs on. */
export interface GpuSurroundings {
  readonly device: GPUDevice;
  /** For messages. */
  readonly description: string;
  readonly maxTensorBytes: number;
  /** Makes a zeroed buffer of at least so many bytes. */
  readonly allocate: (bytes: number, label: string) => GPUBuffer;
  /** Whether it is one that WebGPU gives without being asked for, whose driver compiles a kernel when it is dispatched. */
  readonly compilesLate: boolean;
  /** The memory of tensors that live outside of the program. */
  readonly bufferOf: (tensor: Tensor) => GPUBuffer;
}

/** Texts as something that runs. */
export class GpuProgram {
  /** Dispatches of a run. */
  readonly dispatches: number;
  /** Bytes of memory that belong to it alone. */
  readonly bytes: number;
  readonly #device: GPUDevice;
  readonly #steps: readonly Step[];
  /** Runs that are handed over at one time. */
  readonly #together: number;
  readonly #memory: readonly (GPUBuffer | GPUTexture)[];

  private constructor(
    device: GPUDevice,
    flops: number,
    steps: readonly Step[],
    memory: readonly (GPUBuffer | GPUTexture)[],
  ) {
    this.#device = device;
    this.#steps = steps;
    this.dispatches = steps.filter((step) => "pipeline" in step).length;
    this.#together = Math.max(
      1,
      Math.floor(
        Math.min(DISPATCHES_TOGETHER / Math.max(1, this.dispatches), FLOPS_TOGETHER / Math.max(1, flops)),
      ),
    );
    this.#memory = memory;
    this.bytes = memory.reduce(
      (sum, part) => sum + ("size" in part ? part.size : TEXEL_BYTES * part.width * part.height),
      0,
    );
  }

  /** Allocates and compiles. */
  static async make(plan: Plan, texts: ProgramTexts, surroundings: GpuSurroundings): Promise<GpuProgram> {
    const { device, allocate, compilesLate } = surroundings;
    const { arenaBytes } = plan.memory;
    const arena = allocate(arenaBytes + texts.scratchBytes, "arena");
    const uniform = texts.uniformBytes > 0 ? allocate(texts.uniformBytes, "uniform copies") : undefined;
    const [texture, mirror] = [texts.rows.texture, texts.rows.mirror].map((rows) =>
      rows > 0 ? copiesTexture(device, rows) : undefined
    );
    const views = { texture: texture?.createView(), mirror: mirror?.createView() };
    const resourceOf = ({ place, offset, bytes: size }: BoundMemory): GPUBindingResource => {
      if (place === "texture" || place === "mirror") return views[place]!;
      if (place === "uniform") return { buffer: uniform!, offset, size };
      if (place === "scratch") return { buffer: arena, offset: arenaBytes + offset, size };
      const slot = plan.memory.slots.get(place)!;
      checkSize(place, slot.bytes, surroundings);
      if (slot.kind === "arena") return { buffer: arena, offset: slot.offset + offset, size };
      return { buffer: surroundings.bufferOf(place), offset, size };
    };
    const memory = [arena, uniform, texture, mirror].filter((part) => part !== undefined);
    const dispatches = new Map<ProgramText, Dispatch>();
    try {
      const bind = async (text: ProgramText) => {
        device.pushErrorScope("validation");
        const dispatch = dispatchOf(device, text, text.bindings.map(resourceOf));
        dispatches.set(text, dispatch);
        const error = await device.popErrorScope();
        if (error) {
          throw new DeviceError(`Cannot compile kernel ${text.label}: ${error.message}\n${text.code}`);
        }
        return dispatch;
      };
      const all = texts.steps.filter((step) => "code" in step);
      const division = compilesLate ? divide(all) : undefined;
      if (division) await bindDivided(device, division, bind, texts.rows);
      else for (const text of all) await bind(text);
    } catch (error) {
      for (const part of memory) part.destroy();
      throw error;
    }
    const steps = texts.steps.flatMap((step): Step[] => {
      if ("code" in step) return [dispatches.get(step)!];
      const { buffer, offset = 0 } = resourceOf(step.from) as GPUBufferBinding;
      return textureCopies(buffer, offset, mirror!, step.to.offset, step.to.bytes);
    });
    return new GpuProgram(device, plan.flops, steps, memory);
  }

  /** Hands over all steps, `times` times, together. */
  submit(times = 1): void {
    submit(this.#device, this.#steps, times);
  }

  /** Starts `times` runs: several short ones are handed over together, which takes the processor less time. */
  run(times: number): void {
    for (let left = times; left > 0; left -= this.#together) this.submit(Math.min(left, this.#together));
  }

  /** Frees the memory. */
  close(): void {
    for (const part of this.#memory) part.destroy();
  }
}

function checkSize(tensor: Tensor, bytes: number, { description, maxTensorBytes }: GpuSurroundings): void {
  if (bytes <= maxTensorBytes) return;
  const [size, most] = [bytes, maxTensorBytes].map(formatBytes);
  throw new RangeError(
    `Cannot use ${tensor.name ?? "a tensor"} of ${size} on ${description}: ` +
      `a tensor may have ${most}; a smaller batch or part of the data needs less`,
  );
}
