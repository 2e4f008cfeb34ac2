/** A kernel as WGSL: tiles where it is a contraction that fits them, loops else, and what is copied for it first. */
import { bytesPerElement } from "../../../engine/array.ts";
import type { Kernel } from "../../../engine/kernel.ts";
import type { CopyingKernel } from "../../loop_nest/loop_invariants.ts";
import { loopKernel } from "../../loop_nest/loop_kernel.ts";
import { scatterNest } from "../../loop_nest/scatter_nest.ts";
import { type GpuTiles, gpuTiles, planTiles, tileWays } from "../contraction/gpu_tiles.ts";
import type { KernelWriter } from "./kernel_text.ts";
import type { Target } from "./target.ts";
import { loopWriter } from "./wgsl_loops.ts";
import { scatterWriter } from "./wgsl_scatter.ts";
import { tilesWriter } from "../contraction/wgsl_tiles.ts";

/** Threads of a workgroup of plain loops. */
const LOOP_THREADS = 128;

/** The variants in which a kernel can be computed, the one that is good in general first. */
export function variantsOf(kernel: Kernel): string[] {
  const cut = planTiles(kernel);
  return cut ? tileWays(cut) : [];
}

/** Writes a kernel of a plan, in the variant that is named. */
export function writeKernel(
  kernel: Kernel,
  target: Target,
  variant: string | undefined,
): CopyingKernel<KernelWriter> {
  if (kernel.space.some((axis) => axis.size === 0)) return { stages: [], scratches: [], copies: [] };
  const threads = {
    group: LOOP_THREADS,
    subgroup: Math.min(LOOP_THREADS, target.subgroups?.least ?? 1),
    maxSharedBytes: target.maxSharedBytes,
    maxRounds: target.maxRounds,
  };
  const nest = scatterNest(kernel);
  const scattered = nest && scatterWriter(nest, LOOP_THREADS, target.maxRounds);
  if (scattered) return { stages: [[scattered]], scratches: [], copies: [] };
  const plan = planTiles(kernel);
  const tiles = plan && gpuTiles(plan, target, variant);
  if (!tiles || !canBeTiles(kernel, tiles, target)) {
    return { stages: [[loopWriter(loopKernel(kernel), threads)]], scratches: [], copies: [] };
  }
  const copies = tiles.plan.copies.map((copy) =>
    loopWriter({ ...copy, label: `${kernel.label}: ${copy.label}` }, threads)
  );
  const main = [tilesWriter(kernel.label, tiles)];
  const stages = copies.length > 0 ? [copies, main] : [main];
  return { stages, scratches: tiles.plan.scratches, copies: tiles.plan.copies };
}

/** Whether tiles can store what a kernel computes, and go through all slices of its sum. */
function canBeTiles({ stores }: Kernel, { plan, depth }: GpuTiles, { maxRounds }: Target): boolean {
  // Short elements are written four at a time, which rows of another length would tear apart.
  const tearsShort = plan.lane.size % 4 !== 0 && stores.some((s) => bytesPerElement(s.target.dtype) < 4);
  return !tearsShort && plan.terms / depth <= maxRounds;
}
