/** Kernels of one wave side by side: what of them can run together, and the memory that they use meanwhile. */
import { SLOT_ALIGNMENT } from "../engine/passes/memory_plan.ts";
import { inWaves } from "../engine/waves.ts";
import type { Scratch } from "./scratch.ts";

/** A kernel as pieces of work: those of one stage do not need each other, those of the next need them all. */
export interface Staged<T> {
  readonly stages: readonly (readonly T[])[];
  /** Memory that its stages hand on to each other. */
  readonly scratches: readonly Scratch[];
}

/** How many stages each wave has, in order. */
export function stagesOfWaves(
  kernels: readonly Pick<Staged<unknown>, "stages">[],
  waves: readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  kernels.forEach(({ stages }, i) =>
    counts.set(waves[i], Math.max(counts.get(waves[i]) ?? 0, stages.length))
  );
  return counts;
}

/** For each wave, the first stages of all its kernels together, then all their second ones. */
export function joinStages<T>(
  kernels: readonly Pick<Staged<T>, "stages">[],
  waves: readonly number[],
): T[][] {
  return [...inWaves(kernels, waves)].sort(([a], [b]) => a - b).flatMap(([, together]) => {
    const count = together.reduce((most, k) => Math.max(most, k.stages.length), 0);
    return Array.from({ length: count }, (_, stage) => together.flatMap((k) => k.stages[stage] ?? []));
  });
}

/** Where scratch memory lies; kernels of different waves use the same, but for what is `kept` from wave to wave. */
export function placeScratch(
  kernels: readonly Pick<Staged<unknown>, "scratches">[],
  waves: readonly number[],
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
    used.set(waves[i], place(scratches.filter((s) => !kept.includes(s)), used.get(waves[i]) ?? first));
  });
  return { offsets, bytes: Math.max(first, ...used.values()) };
}
