/** Phases one after another for a block of what they compute, then for the next block: what they hand on stays in the caches. */
import type { Axis } from "../../../engine/expression/expr.ts";
import type { Phase } from "../codegen/phase.ts";

/** What is done for each item of a phase, by one thread. */
export interface Blocked {
  readonly label: string;
  readonly how: string;
  readonly items: number;
  /** The number of the item, and of the thread. */
  readonly item: Axis;
  readonly thread: Axis;
  /** Done first, once for an item. */
  readonly before: readonly Phase[];
  /** The blocks of an item, one where this is left out. */
  readonly rounds: Axis | undefined;
  /** Done for each block. */
  readonly phases: readonly Phase[];
}

/** One phase of them all. */
export function blockedPhase(blocked: Blocked): Phase {
  const { label, how, items, item, thread, before, rounds, phases } = blocked;
  const work = (some: readonly Phase[]) => some.reduce((sum, p) => sum + p.work, 0);
  return {
    label,
    how,
    items,
    work: items * (work(before) + (rounds?.size ?? 1) * work(phases)),
    order: "Winograd's",
    inner: { phases: [...before, ...phases], item, thread, rounds },
    emit: (f, _memory, context) => {
      const { globals, indexOf } = context!;
      const number = f.local("i32");
      const call = (phase: Phase) => f.i32(0).i32(phase.items).call(indexOf(phase));
      f.get(0).set(number);
      f.countTo(number, () => f.get(1), 1, () => {
        f.get(number).setGlobal(globals.item);
        before.forEach(call);
        if (!rounds) {
          phases.forEach(call);
          return;
        }
        const round = f.local("i32");
        f.i32(0).set(round);
        f.countTo(round, () => f.i32(rounds.size), 1, () => {
          f.get(round).setGlobal(globals.round);
          phases.forEach(call);
        });
      });
      return { low: Infinity, high: 0 };
    },
  };
}
