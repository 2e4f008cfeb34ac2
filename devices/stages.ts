/** Kernels of one wave side by side: what of them can run together, and the memory that they use meanwhile. */
import { SLOT_ALIGNMENT } from "../engine/memory_plan.ts";
import type { Scratch } from "./scratch.ts";

/** A kernel as pieces of work: those of one stage do not need each other, those of the next need them all. */
export interface Staged<T> {
  readonly stages: readonly (readonly T[])[];
  /** Memory that its stages hand on to each other. */
  readonly scratches: readonly Scratch[];
}

/** For each wave, the first stages of all its kernels together, then all their second ones. */
export function joinStages<T>(
  kernels: readonly Pick<Staged<T>, "stages">[],
  waves: readonly number[],
): T[][] {
  return [...new Set(waves)].flatMap((wave) => {
    const together = kernels.filter((_, i) => waves[i] === wave);
    const count = Math.max(...together.map((k) => k.stages.length));
    return Array.from({ length: count }, (_, stage) => together.flatMap((k) => k.stages[stage] ?? []));
  });
}

/** Where scratch memory lies; kernels of different waves use the same. */
export function placeScratch(
  kernels: readonly Pick<Staged<unknown>, "scratches">[],
  waves: readonly number[],
): { offsets: Map<Scratch, number>; bytes: number } {
  const offsets = new Map<Scratch, number>();
  const used = new Map<number, number>();
  kernels.forEach(({ scratches }, i) => {
    let end = used.get(waves[i]) ?? 0;
    for (const scratch of scratches) {
      offsets.set(scratch, end);
      end += Math.ceil(scratch.bytes / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
    }
    used.set(waves[i], end);
  });
  return { offsets, bytes: Math.max(0, ...used.values()) };
}
