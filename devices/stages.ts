/** Kernels of one level side by side: what of them can run together, and the memory that they use meanwhile. */
import { SLOT_ALIGNMENT } from "../engine/passes/memory_plan.ts";
import { inLevels } from "../engine/levels.ts";
import type { Scratch } from "./scratch.ts";

/** A kernel as pieces of work: those of one stage do not need each other, those of the next need them all. */
export interface Staged<T> {
  readonly stages: readonly (readonly T[])[];
  /** Memory that its stages hand on to each other. */
  readonly scratches: readonly Scratch[];
}

/** How many stages each level has, in order. */
export function stagesOfLevels(
  kernels: readonly Pick<Staged<unknown>, "stages">[],
  levels: readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  kernels.forEach(({ stages }, i) =>
    counts.set(levels[i], Math.max(counts.get(levels[i]) ?? 0, stages.length))
  );
  return counts;
}

/** For each level, the first stages of all its kernels together, then all their second ones. */
export function joinStages<T>(
  kernels: readonly Pick<Staged<T>, "stages">[],
  levels: readonly number[],
): T[][] {
  return [...inLevels(kernels, levels)].sort(([a], [b]) => a - b).flatMap(([, together]) => {
    const count = together.reduce((most, k) => Math.max(most, k.stages.length), 0);
    return Array.from({ length: count }, (_, stage) => together.flatMap((k) => k.stages[stage] ?? []));
  });
}

/** Where scratch memory lies; kernels of different levels use the same, but for what is `kept` from level to level. */
export function placeScratch(
  kernels: readonly Pick<Staged<unknown>, "scratches">[],
  levels: readonly number[],
  kept: readonly Scratch[] = [],
): { offsets: Map<Scratch, number>; bytes: number } {
  const offsets = new Map<Scratch, number>();
  const used = new Map<number, number>();
  const place = (scratches: readonly Scratch[], start: number) => {
    for (const scratch of scratches) {
      offsets.set(scratch, start);
      start += Math.ceil(scratch.bytes / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
    }
    return start;
  };
  const first = place(kept, 0);
  kernels.forEach(({ scratches }, i) => {
    used.set(levels[i], place(scratches.filter((s) => !kept.includes(s)), used.get(levels[i]) ?? first));
  });
  return { offsets, bytes: Math.max(first, ...used.values()) };
}
