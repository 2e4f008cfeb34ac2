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

/** What is run before a loop comes so much before its first level. */
const BEFORE_LOOP = 0.5;
/** And so much, what threads each do for their share of the loop. */
export const IN_SHARE = 0.25;

/** A loop whose steps threads go through on their own, and what tells them apart. */
export interface SharedLoop {
  readonly loop: LoopRange;
  readonly axis: Axis;
  /** Where threads begin to do so, this one's among others: they do not wait for each other from there on. */
  readonly firstLevel: number;
}

/**
 * The kernels, and before loops the copies that they would make in each step alike; these are `kept` until they are read.
 * Of a loop that is shared, copies that differ from thread to thread are each made by the thread that needs it.
 */
export function withEarlyCopies<T>(
  plan: Plan,
  perKernel: readonly CopyingKernel<T>[],
  shares: readonly SharedLoop[] = [],
): { staged: Staged<T>[]; levels: number[]; kept: Scratch[] } {
  const early: { staged: Staged<T>; level: number }[] = [];
  const kept: Scratch[] = [];
  const own = perKernel.map(({ stages, scratches, copies }, i): Staged<T> => {
    if (copies.length === 0) return { stages, scratches };
    const [copying, ...others] = stages;
    const stays = copying.filter((copy, c) => {
      const before = levelBeforeLoop(plan, plan.levels[i], copies[c], shares);
      if (before === undefined) return true;
      early.push({ staged: { stages: [[copy]], scratches: [] }, level: before });
      kept.push(copies[c].stores[0].target as Scratch);
      return false;
    });
    return { stages: stays.length > 0 ? [stays, ...others] : others, scratches };
  });
  return {
    staged: [...own, ...early.map((e) => e.staged)],
    levels: [...plan.levels, ...early.map((e) => e.level)],
    kept,
  };
}

/** Whether a copy that a kernel makes is made once for all threads that share a loop. */
export function isCommonCopy(plan: Plan, level: number, copy: LoopKernel, share: SharedLoop): boolean {
  const before = levelBeforeLoop(plan, level, copy, [share]);
  return before !== undefined && before <= share.firstLevel - BEFORE_LOOP;
}

/** When, before the outermost loop that is possible, a copy that a kernel makes can be made, if it can. */
function levelBeforeLoop(
  { kernels, levels, loops }: Plan,
  level: number,
  copy: LoopKernel,
  shares: readonly SharedLoop[],
): number | undefined {
  const around = loops.filter((l) => l.firstLevel <= level && level <= l.lastLevel);
  let before: number | undefined;
  // Inner loops come first.
  for (const loop of around) {
    const { counter, firstLevel, lastLevel } = loop;
    const isInside = (i: number) => firstLevel <= levels[i] && levels[i] <= lastLevel;
    const written = new Set(
      kernels.filter((_, i) => isInside(i)).flatMap((k) => kernelStores(k).map(({ store }) => store.target)),
    );
    if (changesWith(copy, counter, written)) break;
    const share = shares.find((s) => s.loop === loop);
    if (share && changesWith(copy, share.axis, new Set())) return firstLevel - IN_SHARE;
    before = (share ?? loop).firstLevel - BEFORE_LOOP;
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
