/** Copies that a kernel in a loop need not make in every step: what they copy does not change in the loop. */
import { type Axis, visit } from "../../engine/expression/expr.ts";
import { kernelStores } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { LoopKernel } from "./loop_kernel.ts";
import type { Scratch } from "../scratch.ts";
import type { Staged } from "../stages.ts";

/** A kernel as pieces of work; in the first of several stages are its copies, if it makes any. */
export interface CopyingKernel<T> extends Staged<T> {
  readonly copies: readonly LoopKernel[];
}

/** The kernels, and before loops the copies that they would make in each step alike; these are `kept` until they are read. */
export function withEarlyCopies<T>(
  plan: Plan,
  perKernel: readonly CopyingKernel<T>[],
): { staged: Staged<T>[]; waves: number[]; kept: Scratch[] } {
  const early: { staged: Staged<T>; wave: number }[] = [];
  const kept: Scratch[] = [];
  const own = perKernel.map(({ stages, scratches, copies }, i): Staged<T> => {
    if (copies.length === 0) return { stages, scratches };
    const [copying, ...others] = stages;
    const stays = copying.filter((copy, c) => {
      const before = loopBeforeWhich(plan, plan.waves[i], copies[c]);
      if (before === undefined) return true;
      early.push({ staged: { stages: [[copy]], scratches: [] }, wave: before - 0.5 });
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

/** For a copy that a kernel makes: the first wave of the outermost loop before which it can be made, if there is one. */
function loopBeforeWhich(
  { kernels, waves, loops }: Plan,
  wave: number,
  copy: LoopKernel,
): number | undefined {
  const around = loops.filter((l) => l.firstWave <= wave && wave <= l.lastWave);
  let first: number | undefined;
  // Inner loops come first.
  for (const { counter, firstWave, lastWave } of around) {
    const isInside = (i: number) => firstWave <= waves[i] && waves[i] <= lastWave;
    const written = new Set(
      kernels.filter((_, i) => isInside(i)).flatMap((k) => kernelStores(k).map(({ store }) => store.target)),
    );
    if (changesWith(copy, counter, written)) break;
    first = firstWave;
  }
  return first;
}

function changesWith(copy: LoopKernel, counter: Axis, written: ReadonlySet<unknown>): boolean {
  let changes = false;
  visit(copy.stores.map((s) => s.value), (e) => {
    if (e.op === "axis" && e.source === counter || e.op === "load" && written.has(e.source)) changes = true;
  });
  return changes;
}
