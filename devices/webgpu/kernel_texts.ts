/** All kernels of a plan as WGSL: wave by wave, kernels with workgroups of one size in one dispatch. */
import { bytesPerElement } from "../../engine/array.ts";
import { visit } from "../../engine/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { planContraction } from "../contraction_plan.ts";
import { type LoopKernel, loopKernel } from "../loop_kernel.ts";
import { Scratch } from "../scratch.ts";
import { joinStages, placeScratch, type Staged } from "../stages.ts";
import { fitsTiles, gpuTiles, TILE_THREADS, tileWays } from "./gpu_tiles.ts";
import {
  canJoin,
  countMemories,
  countWindows,
  type DispatchText,
  dispatchText,
  type KernelWriter,
  type Memory,
  type Places,
  TEXTURE_WIDTH,
} from "./kernel_text.ts";
import { LANES, type RowSupport, rowTiles, rowWays } from "./row_tiles.ts";
import { SharedCopies, type Transfer, transferOf } from "./shared_copies.ts";
import type { Target } from "./target.ts";
import { loopWriter } from "./wgsl_loops.ts";
import { rowsWriter } from "./wgsl_rows.ts";
import { tilesWriter } from "./wgsl_tiles.ts";

/**
 * What is bound: a tensor's memory, scratch behind the arena, copies for uniform windows, or the texture, which is always
 * bound as a whole; from an offset on.
 */
export interface BoundMemory {
  readonly place: Tensor | "scratch" | "uniform" | "texture";
  readonly offset: number;
  readonly bytes: number;
}

/** One dispatch of a program. */
export interface ProgramText extends Omit<DispatchText, "bindings"> {
  readonly bindings: readonly BoundMemory[];
}

/** A copy into the texture that the device makes. */
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
  /** Rows of the texture for copies that are read from one. */
  readonly textureRows: number;
  /** For each kernel of the plan, how it is computed. */
  readonly how: readonly string[];
}

/** What tiles want of the cut. */
const TILES_CUT = { maxRows: 8, readsThrough: true };
/** Uniform bindings that every adapter allows. */
const MOST_WINDOWS = 12;
/** More kernels than these in one dispatch take too long to compile for what they save. */
const MOST_TOGETHER = 12;

/** What a stage consists of. */
type Part = KernelWriter | Transfer;

/** A kernel with the copies that it makes first. */
interface WrittenKernel extends Staged<Part> {
  /** Copies that are made before all kernels, and where to. */
  readonly early: ReadonlyMap<Scratch, Part>;
  /** Where its scratches go that are not with those of others. */
  readonly elsewhere: ReadonlyMap<Scratch, "uniform" | "texture">;
}

/** Whether memory has a buffer of its own. */
const isOwn = (memory: Memory, { memory: { slots } }: Plan) =>
  !(memory instanceof Scratch) && slots.get(memory)?.kind === "external";

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel, plan: Plan, target: Target): string[] {
  if (target.family === "rows") return rowWays(kernel, rowSupport(kernel, plan, target));
  const cut = planContraction(kernel, TILES_CUT);
  return cut && fitsTiles(cut) ? tileWays(cut) : [];
}

/** Writes every kernel, in the way that is named. */
export function kernelTexts(
  plan: Plan,
  target: Target,
  wayOf: (kernel: Kernel) => string | undefined,
): ProgramTexts {
  const { slots } = plan.memory;
  const shared = new SharedCopies();
  const kernels: WrittenKernel[] = [];
  // In the order of the waves, so that who shares a copy finds it made.
  const inOrder = plan.kernels.map((_, i) => i).sort((a, b) => plan.waves[a] - plan.waves[b]);
  for (const i of inOrder) {
    kernels[i] = writersOf(plan.kernels[i], plan, target, wayOf(plan.kernels[i]), shared);
  }
  const early = kernels.flatMap((k) => [...k.early]);
  const placed = (place: "uniform" | "texture" | undefined) =>
    placeScratch(
      kernels.map(({ scratches, elsewhere }) => ({
        scratches: scratches.filter((s) => elsewhere.get(s) === place && shared.standInOf(s) === s),
      })),
      plan.waves,
      [
        ...new Set([
          ...kernels.flatMap((k) => [...k.early.keys()].filter((s) => k.elsewhere.get(s) === place)),
          ...place === "texture" ? shared.kept : [],
        ]),
      ],
    );
  const [uniform, texture, scratch] = [placed("uniform"), placed("texture"), placed(undefined)];
  const bound = (wanted: Memory): BoundMemory => {
    const memory = shared.standInOf(wanted);
    if (!(memory instanceof Scratch)) return { place: memory, offset: 0, bytes: slots.get(memory)!.bytes };
    const place = uniform.offsets.has(memory)
      ? "uniform"
      : texture.offsets.has(memory)
      ? "texture"
      : "scratch";
    const { offsets } = { uniform, texture, scratch }[place];
    return { place, offset: offsets.get(memory)!, bytes: memory.bytes };
  };
  const places: Places = {
    keyOf: (memory) => {
      const { place, offset } = bound(memory);
      if (place === "texture") return place;
      if (typeof place === "string") return `${place} ${offset}`;
      const slot = slots.get(place)!;
      return slot.kind === "arena" ? `arena ${slot.offset}` : `tensor ${place.id}`;
    },
    bufferOf: (memory) => {
      const { place } = bound(memory);
      if (place === "uniform" || place === "texture") return place;
      return isOwn(memory, plan) ? `tensor ${(memory as Tensor).id}` : "arena";
    },
    texelOf: (memory) => {
      const { place, offset } = bound(memory);
      return place === "texture" ? offset / 16 : undefined;
    },
  };
  const before = early.map(([, copy]) => ({ stages: [[copy]], scratches: [] }));
  const waves = [...plan.waves, ...before.map(() => plan.waves[0])];
  const steps = joinStages([...kernels, ...before], waves).flatMap((stage) => [
    ...stage.filter((part) => "from" in part).map(({ from, offset, to }): ProgramTransfer => {
      const whole = bound(from);
      return { from: { ...whole, offset: whole.offset + offset }, to: bound(to) };
    }),
    ...batches(stage.filter((part) => "write" in part), places, target.maxBindings).map(
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
  return {
    steps,
    scratchBytes: scratch.bytes,
    uniformBytes: uniform.bytes,
    textureRows: Math.ceil(texture.bytes / 16 / TEXTURE_WIDTH),
    how: kernels.map((k) => {
      const main = k.stages.at(-1)?.[0];
      return main && "how" in main ? main.how : "nothing to do";
    }),
  };
}

function rowSupport(kernel: Kernel, plan: Plan, { subgroups }: Target): RowSupport {
  const stored = new Set(kernel.stores.map((s) => s.target));
  return {
    // Copies, and buffers that the kernel does not write to.
    isUniform: (source) =>
      source instanceof Scratch || isOwn(source as Tensor, plan) && !stored.has(source as Tensor),
    hasSubgroups: subgroups?.least === LANES && subgroups.most === LANES,
  };
}

function writersOf(
  kernel: Kernel,
  whole: Plan,
  target: Target,
  way: string | undefined,
  shared: SharedCopies,
): WrittenKernel {
  if (kernel.space.some((axis) => axis.size === 0)) {
    return { stages: [], scratches: [], elsewhere: new Map(), early: new Map() };
  }
  const { family } = target;
  const group = family === "rows" ? 64 : TILE_THREADS;
  const threads = {
    group,
    subgroup: Math.min(group, target.subgroups?.least ?? 1),
    unrolls: family === "tiles",
  };
  const rows = family === "rows" ? rowTiles(kernel, rowSupport(kernel, whole, target), way) : undefined;
  const cut = family === "rows" ? rows?.plan : planContraction(kernel, TILES_CUT);
  const plan = cut && family === "tiles" && !fitsTiles(cut) ? undefined : cut;
  // Short elements are written four at a time, which rows of another length would tear apart.
  const tearsShort = plan !== undefined && plan.lane.size % 4 !== 0 &&
    kernel.stores.some((s) => bytesPerElement(s.target.dtype) < 4);
  if (!plan || tearsShort) {
    const stages = [[loopWriter(loopKernel(kernel), threads)]];
    return { stages, scratches: [], elsewhere: new Map(), early: new Map() };
  }
  const elsewhere = new Map<Scratch, "uniform" | "texture">();
  if (rows && rows.way !== "storage") {
    const place = rows.way === "uniform" ? "uniform" : "texture";
    for (const { source } of rows.texels ? [plan.left, plan.right] : [plan.right]) {
      if (source instanceof Scratch) elsewhere.set(source, place);
    }
  }
  const copies: Part[] = [];
  const early = new Map<Scratch, Part>();
  for (const copy of plan.copies) {
    const scratch = copy.stores[0].target as Scratch;
    const isTexture = elsewhere.get(scratch) === "texture";
    if (isTexture && shared.isThere(copy, whole.waves[whole.kernels.indexOf(kernel)])) continue;
    const part = isTexture && transferOf(copy) ||
      loopWriter({ ...copy, label: `${kernel.label}: ${copy.label}` }, threads);
    if (canBeEarly(copy, kernel, whole)) early.set(scratch, part);
    else copies.push(part);
  }
  const main = [rows ? rowsWriter(kernel.label, rows) : tilesWriter(kernel.label, gpuTiles(plan, way))];
  // Who reads another kernel's copy has to be a stage later, too.
  const stages = plan.copies.length > early.size ? [copies, main] : [main];
  return { stages, scratches: plan.scratches, elsewhere, early };
}

/** Whether what a kernel copies is there from the start: then copies of several kernels are one dispatch. */
function canBeEarly(copy: LoopKernel, kernel: Kernel, { kernels, waves, memory }: Plan): boolean {
  const wave = waves[kernels.indexOf(kernel)];
  if (wave === waves[0]) return false;
  const written = new Set(
    kernels.filter((_, i) => waves[i] < wave).flatMap((k) => k.stores.map((s) => s.target)),
  );
  let isThere = true;
  visit(copy.stores.map((s) => s.value), (e) => {
    const source = e.source as Tensor;
    if (e.op === "load") isThere &&= memory.slots.get(source)?.kind === "external" && !written.has(source);
  });
  return isThere;
}

/** Splits a stage into dispatches: workgroups of one size, and not too many bindings. */
function batches(stage: readonly KernelWriter[], places: Places, maxBindings: number): KernelWriter[][] {
  const result: KernelWriter[][] = [];
  for (const writer of stage) {
    const home = result.find((batch) => {
      const joined = [...batch, writer];
      return batch[0].workgroup === writer.workgroup && batch.length < MOST_TOGETHER &&
        countMemories(joined, places) <= maxBindings && countWindows(joined) <= MOST_WINDOWS &&
        canJoin(joined, places);
    });
    if (home) home.push(writer);
    else result.push([writer]);
  }
  return result;
}
