/** Copies that a kernel in a loop need not make in every step: what they copy does not change in the loop. */
import { type Axis, visit } from "../../engine/expression/expr.ts";
import { kernelStores, type LoopRange } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { LoopKernel } from "./loop_kernel.ts";
import type { Scratch } from "../scratch.ts";
import type { Staged } from "../stages.ts";

/** A kernel as pieces of work; in the first of several stages are its copies, if it makes any. */
export interface CopyingKernel<T> extends Staged<T> {
  readonly copies: readonly LoopKernel[];
}

/** What is run before a loop comes so much before its first wave. */
export const BEFORE_LOOP = 0.5;
/** And so much, what threads each do for their share of the loop. */
export const IN_SHARE = 0.25;

/** A loop whose steps threads go through on their own, and what tells them apart. */
export interface SharedLoop {
  readonly loop: LoopRange;
  readonly axis: Axis;
  /** Where threads begin to do so, this one's among others: they do not wait for each other from there on. */
  readonly firstWave: number;
}

/**
 * The kernels, and before loops the copies that they would make in each step alike; these are `kept` until they are read.
 * Of a loop that is shared, copies that differ from thread to thread are each made by the thread that needs it.
 */
export function withEarlyCopies<T>(
  plan: Plan,
  perKernel: readonly CopyingKernel<T>[],
  shares: readonly SharedLoop[] = [],
): { staged: Staged<T>[]; waves: number[]; kept: Scratch[] } {
  const early: { staged: Staged<T>; wave: number }[] = [];
  const kept: Scratch[] = [];
  const own = perKernel.map(({ stages, scratches, copies }, i): Staged<T> => {
    if (copies.length === 0) return { stages, scratches };
    const [copying, ...others] = stages;
    const stays = copying.filter((copy, c) => {
      const before = waveBeforeLoop(plan, plan.waves[i], copies[c], shares);
      if (before === undefined) return true;
      early.push({ staged: { stages: [[copy]], scratches: [] }, wave: before });
      kept.push(copies[c].stores[0].target as Scratch);
      return false;
    });
    return { stages: stays.length > 0 ? [stays, ...others] : others, scratches };
  });
  return {
    staged: [...own, ...early.map((e) => e.staged)],
    waves: [...plan.waves, ...early.map((e) => e.wave)],
    kept,
  };
}

/** Whether a copy that a kernel makes is made once for all threads that share a loop. */
export function isCommonCopy(plan: Plan, wave: number, copy: LoopKernel, share: SharedLoop): boolean {
  const before = waveBeforeLoop(plan, wave, copy, [share]);
  return before !== undefined && before <= share.firstWave - BEFORE_LOOP;
}

/** When, before the outermost loop that is possible, a copy that a kernel makes can be made, if it can. */
function waveBeforeLoop(
  { kernels, waves, loops }: Plan,
  wave: number,
  copy: LoopKernel,
  shares: readonly SharedLoop[],
): number | undefined {
  const around = loops.filter((l) => l.firstWave <= wave && wave <= l.lastWave);
  let before: number | undefined;
  // Inner loops come first.
  for (const loop of around) {
    const { counter, firstWave, lastWave } = loop;
    const isInside = (i: number) => firstWave <= waves[i] && waves[i] <= lastWave;
    const written = new Set(
      kernels.filter((_, i) => isInside(i)).flatMap((k) => kernelStores(k).map(({ store }) => store.target)),
    );
    if (changesWith(copy, counter, written)) break;
    const share = shares.find((s) => s.loop === loop);
    if (share && changesWith(copy, share.axis, new Set())) return firstWave - IN_SHARE;
    before = (share ?? loop).firstWave - BEFORE_LOOP;
  }
  return before;
}

function changesWith(copy: LoopKernel, counter: Axis, written: ReadonlySet<unknown>): boolean {
  let changes = false;
  visit(copy.stores.map((s) => s.value), (e) => {
    if (e.op === "axis" && e.source === counter || e.op === "load" && written.has(e.source)) changes = true;
  });
  return changes;
}
