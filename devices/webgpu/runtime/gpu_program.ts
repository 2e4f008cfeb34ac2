/** Dispatches with pipelines, bind groups and memory of their own: made once, encoded again and again. */
import { DeviceError } from "../../../engine/errors.ts";
import { formatBytes } from "../../../engine/explain.ts";
import { formatShape } from "../../../engine/shape.ts";
import { takeTurn } from "../../../engine/turn.ts";
import type { Plan } from "../../../engine/plan.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { type Dispatch, dispatchOf, submit } from "./dispatches.ts";
import type { BoundMemory, DispatchLoop, ProgramTexts } from "../codegen/kernel_texts.ts";
import { Positions } from "../codegen/positions.ts";

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
  /** Ends the compiling before it is done. */
  readonly signal?: AbortSignal;
  /** The memory of tensors that live outside of the program. */
  readonly bufferOf: (tensor: Tensor) => GPUBuffer;
}

/** Texts as something that runs. */
export class GpuProgram {
  readonly #device: GPUDevice;
  readonly #dispatches: readonly Dispatch[];
  readonly #loops: readonly DispatchLoop[];
  readonly #positions: Positions;
  /** Dispatches of a run, those in loops in each step. */
  readonly dispatches: number;
  /** Runs that are handed over at one time. */
  readonly #together: number;
  readonly #memory: readonly GPUBuffer[];

  private constructor(parts: {
    device: GPUDevice;
    flops: number;
    dispatches: readonly Dispatch[];
    loops: readonly DispatchLoop[];
    positions: Positions;
    memory: readonly GPUBuffer[];
  }) {
    const { device, flops, dispatches, loops, positions, memory } = parts;
    this.#device = device;
    this.#dispatches = dispatches;
    this.#loops = loops;
    this.#positions = positions;
    this.#memory = memory;
    const timesOf = (i: number) => loops.reduce((n, l) => l.first <= i && i < l.end ? n * l.times : n, 1);
    this.dispatches = dispatches.reduce((sum, _, i) => sum + timesOf(i), 0);
    const most = Math.min(
      DISPATCHES_TOGETHER / Math.max(1, this.dispatches),
      FLOPS_TOGETHER / Math.max(1, flops),
    );
    this.#together = Math.max(1, Math.floor(most));
  }

  /** Allocates and compiles. */
  static async make(plan: Plan, texts: ProgramTexts, surroundings: GpuSurroundings): Promise<GpuProgram> {
    const { device, allocate } = surroundings;
    const { arenaBytes, partBytes } = plan.memory;
    const memory: GPUBuffer[] = [];
    const bufferOf = ({ place, offset, bytes: size }: BoundMemory): GPUBufferBinding => {
      if (place === "scratch") return { buffer: memory.at(-1)!, offset, size };
      const slot = plan.memory.slots.get(place)!;
      checkSize(place, slot.bytes, surroundings);
      if (slot.kind === "arena") {
        const part = Math.floor(slot.offset / partBytes);
        return { buffer: memory[part], offset: slot.offset - (part && part * partBytes), size };
      }
      return { buffer: surroundings.bufferOf(place), offset, size };
    };
    const { loops } = texts;
    const dispatches: Dispatch[] = [];
    let positions: Positions | undefined;
    try {
      for (let at = 0; at < arenaBytes; at += partBytes) {
        memory.push(allocate(Math.min(partBytes, arenaBytes - at), "temporaries"));
      }
      if (texts.scratchBytes > 0) memory.push(allocate(texts.scratchBytes, "copies of operands"));
      positions = new Positions(device, loops.length > 0 ? Math.max(1, ...loops.map((l) => l.times)) : 0);
      for (const text of texts.dispatches) {
        await takeTurn(surroundings.signal);
        device.pushErrorScope("validation");
        dispatches.push(dispatchOf(device, text, text.bindings.map(bufferOf), positions));
        const error = await device.popErrorScope();
        if (error) {
          throw new DeviceError(`Cannot compile kernel ${text.label}: ${error.message}\n${text.code}`);
        }
      }
    } catch (error) {
      for (const buffer of memory) buffer.destroy();
      positions?.close();
      throw error;
    }
    return new GpuProgram({ device, flops: plan.flops, dispatches, loops, positions, memory });
  }

  /** Bytes of memory that belong to it alone. */
  get bytes(): number {
    return this.#memory.reduce((sum, { size }) => sum + size, 0);
  }

  /** Hands over all dispatches, `times` times, together. */
  submit(times = 1): void {
    submit(this.#device, this.#dispatches, this.#loops, this.#positions, times);
  }

  /** Starts `times` runs: several short ones are handed over together, which takes the processor less time. */
  run(times: number): void {
    for (let left = times; left > 0; left -= this.#together) this.submit(Math.min(left, this.#together));
  }

  /** Frees the memory. */
  close(): void {
    for (const buffer of this.#memory) buffer.destroy();
    this.#positions.close();
  }
}

/** @throws {RangeError} for a tensor that is larger than what can be bound. */
function checkSize(tensor: Tensor, bytes: number, { description, maxTensorBytes }: GpuSurroundings): void {
  if (bytes <= maxTensorBytes) return;
  const [size, most] = [bytes, maxTensorBytes].map(formatBytes);
  const { op, dtype, shape } = tensor;
  const isComputed = op.body.kind !== "leaf";
  const what = `${tensor.name ?? (isComputed ? `the result of ${op.name}` : "a constant")}, ${dtype} ${
    formatShape(shape)
  }`;
  const wayOut = isComputed
    ? "a smaller batch, or fewer steps at a time, need less"
    : "in several tensors it fits";
  throw new RangeError(
    `Cannot compute with ${what}, on ${description}: it takes ${size}, a tensor there may have ${most}; ${wayOut}`,
  );
}
