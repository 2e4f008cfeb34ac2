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
  throughMirrors,
} from "./kernel_text.ts";
import { LANES, type RowSupport, rowTiles, rowWays } from "./row_tiles.ts";
import { mirrorOf, SharedCopies, type Transfer, transferOf } from "./shared_copies.ts";
import type { Target } from "./target.ts";
import { loopWriter } from "./wgsl_loops.ts";
import { rowsWriter } from "./wgsl_rows.ts";
import { TEXTURE_WIDTH } from "./wgsl_texel.ts";
import { tilesWriter } from "./wgsl_tiles.ts";

/** Where copies are: behind the arena, in a buffer that is read as uniform, in a texture, or in one that only transfers fill. */
type CopyPlace = "scratch" | "uniform" | "texture" | "mirror";

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
  /** Rows of the textures for copies that are read from one. */
  readonly rows: Readonly<Record<"texture" | "mirror", number>>;
  /** For each kernel of the plan, how it is computed. */
  readonly how: readonly string[];
}

/** What tiles want of the cut. */
const TILES_CUT = { maxRows: 8, readsThrough: true };
/** Fewer loads are not worth a transfer, which ends a pass. */
const FEWEST_POINTS = 1 << 16;
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
  /** Where its scratches go. */
  readonly places: ReadonlyMap<Scratch, CopyPlace>;
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
  const placed = (place: CopyPlace) => {
    const isHere = (k: WrittenKernel, s: Scratch) => k.places.get(s) === place && shared.standInOf(s) === s;
    const kept = kernels.flatMap((k) =>
      k.scratches.filter((s) => isHere(k, s) && (k.early.has(s) || shared.kept.has(s)))
    );
    const own = kernels.map((k) => ({ scratches: k.scratches.filter((s) => isHere(k, s)) }));
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
      return isTexture(place) ? offset / 16 : undefined;
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
  const rowsOf = ({ bytes }: { bytes: number }) => Math.ceil(bytes / 16 / TEXTURE_WIDTH);
  return {
    steps,
    scratchBytes: areas.scratch.bytes,
    uniformBytes: areas.uniform.bytes,
    rows: { texture: rowsOf(areas.texture), mirror: rowsOf(areas.mirror) },
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
    return { stages: [], scratches: [], places: new Map(), early: new Map() };
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
  const wave = whole.waves[whole.kernels.indexOf(kernel)];
  const places = new Map<Scratch, CopyPlace>();
  const transfers: Transfer[] = [];
  /** The kernel, with its many loads of floats from mirrors: software adapters load these at a fraction of the time. */
  const mirrored = (writer: KernelWriter) => {
    if (family !== "rows" || writer.points < FEWEST_POINTS) return writer;
    return throughMirrors(writer, (memory) => {
      const transfer = memory instanceof Scratch ? undefined : mirrorOf(memory);
      if (!transfer) return undefined;
      places.set(transfer.to, "mirror");
      if (!shared.hasTransferred(transfer, wave)) transfers.push(transfer);
      return transfer.to;
    });
  };
  const scratchesOf = () => [...places.keys()];
  if (!plan || tearsShort) {
    const loops = mirrored(loopWriter(loopKernel(kernel), threads));
    return { stages: [[...transfers, loops]], scratches: scratchesOf(), places, early: new Map() };
  }
  for (const scratch of plan.scratches) places.set(scratch, "scratch");
  if (rows && rows.way !== "storage") {
    const place = rows.way === "uniform" ? "uniform" : "texture";
    for (const { source } of rows.texels ? [plan.left, plan.right] : [plan.right]) {
      if (source instanceof Scratch) places.set(source, place);
    }
  }
  const copies: Part[] = [];
  const early = new Map<Scratch, Part>();
  for (const copy of plan.copies) {
    const scratch = copy.stores[0].target as Scratch;
    const isTexture = places.get(scratch) === "texture";
    const transfer = isTexture ? transferOf(copy) : undefined;
    if (transfer) places.set(scratch, "mirror");
    if (transfer ? shared.hasTransferred(transfer, wave) : isTexture && shared.hasComputed(copy, wave)) {
      continue;
    }
    const isEarly = canBeEarly(copy, kernel, whole);
    const writer = loopWriter({ ...copy, label: `${kernel.label}: ${copy.label}` }, threads);
    const part = transfer ?? (isEarly ? writer : mirrored(writer));
    if (isEarly) early.set(scratch, part);
    else copies.push(part);
  }
  const main = mirrored(
    rows ? rowsWriter(kernel.label, rows) : tilesWriter(kernel.label, gpuTiles(plan, way)),
  );
  // Who reads another kernel's copy has to be a stage later, too.
  const stages = plan.copies.length > early.size
    ? [[...transfers, ...copies], [main]]
    : [[...transfers, main]];
  return { stages, scratches: scratchesOf(), places, early };
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
