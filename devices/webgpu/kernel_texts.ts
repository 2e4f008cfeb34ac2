/** All kernels of a plan as WGSL: wave by wave, kernels with workgroups of one size in one dispatch. */
import type { Kernel } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { Scratch } from "../scratch.ts";
import { joinStages, placeScratch } from "../stages.ts";
import {
  canJoin,
  countMemories,
  countWindows,
  type DispatchText,
  dispatchText,
  type KernelWriter,
  type Memory,
  type Places,
} from "./kernel_text.ts";
import { ENOUGH_TILES } from "./gpu_tiles.ts";
import { SharedCopies } from "./shared_copies.ts";
import type { Target } from "./target.ts";
import { TEXEL_BYTES, TEXTURE_WIDTH } from "./wgsl_texel.ts";
import { type CopyPlace, isOwn, writeKernel, type WrittenKernel } from "./write_kernel.ts";

/** What is bound: a tensor's memory or a part of a place for copies, from an offset on; textures are bound as a whole. */
export interface BoundMemory {
  readonly place: Tensor | CopyPlace;
  readonly offset: number;
  readonly bytes: number;
}

/** One dispatch of a program. */
export interface ProgramText extends Omit<DispatchText, "bindings"> {
  readonly bindings: readonly BoundMemory[];
}

/** A copy into the mirror that the device makes. */
export interface ProgramTransfer {
  readonly from: BoundMemory;
  readonly to: BoundMemory;
}

/** All that is done in a run of a program. */
export interface ProgramTexts {
  readonly steps: readonly (ProgramText | ProgramTransfer)[];
  readonly scratchBytes: number;
  /** Bytes of the buffer for copies that are read through uniform windows. */
  readonly uniformBytes: number;
  /** Rows of the textures for copies that are read from one. */
  readonly rows: Readonly<Record<"texture" | "mirror", number>>;
  /** For each kernel of the plan, how it is computed. */
  readonly how: readonly string[];
}

/** Uniform bindings that every adapter allows. */
const MOST_WINDOWS = 12;
/** More kernels than these in one dispatch take too long to compile for what they save. */
const MOST_TOGETHER = 12;

/** Writes every kernel, in the way that is named. */
export function kernelTexts(
  plan: Plan,
  target: Target,
  wayOf: (kernel: Kernel) => string | undefined,
): ProgramTexts {
  const { slots } = plan.memory;
  const shared = new SharedCopies(plan);
  const kernels: WrittenKernel[] = [];
  // In the order of the waves, so that who shares a copy finds it made.
  const inOrder = plan.kernels.map((_, i) => i).sort((a, b) => plan.waves[a] - plan.waves[b]);
  for (const i of inOrder) {
    kernels[i] = writeKernel(plan.kernels[i], plan, target, wayOf(plan.kernels[i]), shared);
  }
  const early = kernels.flatMap((k) => [...k.early]);
  const placed = (place: CopyPlace) => {
    const own = kernels.map(({ places }) => ({
      scratches: [...places.keys()].filter((s) => places.get(s) === place && shared.standInOf(s) === s),
    }));
    const kept = own.flatMap(({ scratches }, i) =>
      scratches.filter((s) => kernels[i].early.has(s) || shared.kept.has(s))
    );
    return placeScratch(own, plan.waves, kept);
  };
  const areas = {
    scratch: placed("scratch"),
    uniform: placed("uniform"),
    texture: placed("texture"),
    mirror: placed("mirror"),
  };
  const bound = (wanted: Memory): BoundMemory => {
    const memory = shared.standInOf(wanted);
    if (!(memory instanceof Scratch)) return { place: memory, offset: 0, bytes: slots.get(memory)!.bytes };
    const [place, { offsets }] = Object.entries(areas).find(([, area]) => area.offsets.has(memory))!;
    return { place: place as CopyPlace, offset: offsets.get(memory)!, bytes: memory.bytes };
  };
  const isTexture = (place: BoundMemory["place"]) => place === "texture" || place === "mirror";
  const places: Places = {
    keyOf: (memory) => {
      const { place, offset } = bound(memory);
      if (isTexture(place)) return place as string;
      if (typeof place === "string") return `${place} ${offset}`;
      const slot = slots.get(place)!;
      return slot.kind === "arena" ? `arena ${slot.offset}` : `tensor ${place.id}`;
    },
    bufferOf: (memory) => {
      const { place } = bound(memory);
      if (typeof place === "string" && place !== "scratch") return place;
      return isOwn(memory, plan) ? `tensor ${(memory as Tensor).id}` : "arena";
    },
    texelOf: (memory) => {
      const { place, offset } = bound(memory);
      return isTexture(place) ? offset / TEXEL_BYTES : undefined;
    },
  };
  const before = early.map(([, copy]) => ({ stages: [[copy]] }));
  const waves = [...plan.waves, ...before.map(() => plan.waves[0])];
  const steps = joinStages([...kernels, ...before], waves).flatMap((stage) => [
    ...stage.filter((part) => "from" in part).map(({ from, offset, to }): ProgramTransfer => {
      const whole = bound(from);
      return { from: { ...whole, offset: whole.offset + offset }, to: bound(to) };
    }),
    ...batches(stage.filter((part) => "write" in part), places, target).map(
      (batch): ProgramText => {
        const text = dispatchText(batch, places);
        const bindings = text.bindings.map((binding) => {
          if (!("memory" in binding)) return bound(binding);
          const whole = bound(binding.memory);
          return { place: whole.place, offset: whole.offset + binding.offset, bytes: binding.bytes };
        });
        return { ...text, bindings };
      },
    ),
  ]);
  const rowsOf = ({ bytes }: { bytes: number }) => Math.ceil(bytes / TEXEL_BYTES / TEXTURE_WIDTH);
  return {
    steps,
    scratchBytes: areas.scratch.bytes,
    uniformBytes: areas.uniform.bytes,
    rows: { texture: rowsOf(areas.texture), mirror: rowsOf(areas.mirror) },
    how: kernels.map((k) => {
      const main = k.stages.at(-1)?.at(-1);
      return main && "how" in main ? main.how : "nothing to do";
    }),
  };
}

/** Kernels with so much memory for each workgroup leave a GPU room for few of these. */
const MUCH_SHARED = 4096;

/** Whether a kernel alone gives a GPU enough to do; two of them together only stand in each other's way. */
const fillsGpu = ({ groups, sharedBytes = 0 }: KernelWriter) =>
  sharedBytes >= MUCH_SHARED && groups >= ENOUGH_TILES;

/** Splits a stage into dispatches: workgroups of one size, not too many bindings and not too much shared memory. */
function batches(
  stage: readonly KernelWriter[],
  places: Places,
  { maxBindings, maxSharedBytes }: Target,
): KernelWriter[][] {
  const result: KernelWriter[][] = [];
  for (const writer of stage) {
    const home = result.find((batch) => {
      const joined = [...batch, writer];
      return batch[0].workgroup === writer.workgroup && batch.length < MOST_TOGETHER &&
        countMemories(joined, places) <= maxBindings && countWindows(joined) <= MOST_WINDOWS &&
        !(fillsGpu(writer) && batch.some(fillsGpu)) &&
        joined.reduce((sum, { sharedBytes = 0 }) => sum + sharedBytes, 0) <= maxSharedBytes &&
        canJoin(joined, places);
    });
    if (home) home.push(writer);
    else result.push([writer]);
  }
  return result;
}
