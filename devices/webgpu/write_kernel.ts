/** A kernel as WGSL: which family of kernels computes it, what is copied for it, and where the copies are. */
import { bytesPerElement } from "../../engine/array.ts";
import { visit } from "../../engine/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { type LoopKernel, loopKernel } from "../loop_kernel.ts";
import { Scratch } from "../scratch.ts";
import type { Staged } from "../stages.ts";
import { gpuTiles, planTiles, tileWays } from "./gpu_tiles.ts";
import { type KernelWriter, type Memory, throughMirrors } from "./kernel_text.ts";
import { LANES, type RowSupport, rowTiles, rowWays } from "./row_tiles.ts";
import { mirrorOf, type SharedCopies, type Transfer, transferOf } from "./shared_copies.ts";
import type { Target } from "./target.ts";
import { loopWriter } from "./wgsl_loops.ts";
import { rowsWriter } from "./wgsl_rows.ts";
import { tilesWriter } from "./wgsl_tiles.ts";

/** Where copies are: behind the arena, in a buffer that is read as uniform, in a texture, or in one that only transfers fill. */
export type CopyPlace = "scratch" | "uniform" | "texture" | "mirror";

/** Fewer loads are not worth a transfer, which ends a pass. */
const FEWEST_POINTS = 1 << 16;

/** What a stage consists of. */
export type Part = KernelWriter | Transfer;

/** A kernel with the copies that it makes first. */
export interface WrittenKernel extends Pick<Staged<Part>, "stages"> {
  /** Copies that are made before all kernels, and where to. */
  readonly early: ReadonlyMap<Scratch, Part>;
  /** Its scratches, and where they go. */
  readonly places: ReadonlyMap<Scratch, CopyPlace>;
}

/** Whether memory has a buffer of its own. */
export const isOwn = (memory: Memory, { memory: { slots } }: Plan) =>
  !(memory instanceof Scratch) && slots.get(memory)?.kind === "external";

/** The ways in which a kernel can be computed, the one that is good in general first. */
export function waysOf(kernel: Kernel, plan: Plan, target: Target): string[] {
  if (target.family === "rows") return rowWays(kernel, rowSupport(kernel, plan, target));
  const cut = planTiles(kernel);
  return cut ? tileWays(cut) : [];
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

/** Threads of a workgroup of plain loops. */
const LOOP_THREADS = { rows: 64, tiles: 128 } as const;

/** Writes a kernel of a plan, in the way that is named; copies that are there already are left out. */
export function writeKernel(
  kernel: Kernel,
  whole: Plan,
  target: Target,
  way: string | undefined,
  shared: SharedCopies,
): WrittenKernel {
  if (kernel.space.some((axis) => axis.size === 0)) {
    return { stages: [], places: new Map(), early: new Map() };
  }
  const { family } = target;
  const group = LOOP_THREADS[family];
  const threads = {
    family,
    group,
    subgroup: Math.min(group, target.subgroups?.least ?? 1),
    maxSharedBytes: target.maxSharedBytes,
  };
  const rows = family === "rows" ? rowTiles(kernel, rowSupport(kernel, whole, target), way) : undefined;
  const plan = family === "rows" ? rows?.plan : planTiles(kernel);
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
  if (!plan || tearsShort) {
    const loops = mirrored(loopWriter(loopKernel(kernel), threads));
    return { stages: [[...transfers, loops]], places, early: new Map() };
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
    const isEarly = canBeEarly(copy, wave, whole);
    const writer = () => loopWriter({ ...copy, label: `${kernel.label}: ${copy.label}` }, threads);
    const part = transfer ?? (isEarly ? writer() : mirrored(writer()));
    if (isEarly) early.set(scratch, part);
    else copies.push(part);
  }
  const main = mirrored(
    rows
      ? rowsWriter(kernel.label, rows)
      : tilesWriter(kernel.label, gpuTiles(plan, target.maxSharedBytes, way)),
  );
  // Who reads another kernel's copy has to be a stage later, too.
  const stages = plan.copies.length > early.size
    ? [[...transfers, ...copies], [main]]
    : [[...transfers, main]];
  return { stages, places, early };
}

/** Whether what a kernel copies is there from the start: then copies of several kernels are one dispatch. */
function canBeEarly(copy: LoopKernel, wave: number, { kernels, waves, memory }: Plan): boolean {
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
