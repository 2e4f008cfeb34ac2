/**
 * Loops whose steps threads go through without meeting. Where a loop can be cut along a batch, each thread takes its share
 * of the places through all steps: nobody waits for anybody before the loop's end, and what a step hands on to the next one
 * is still in the thread's own caches.
 */
import { type Axis, axisValue } from "../../engine/expression/expr.ts";
import { indexSum } from "../../engine/expression/index_math.ts";
import type { Kernel, LoopBatch, LoopRange } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { SharedLoop } from "../loop_nest/loop_invariants.ts";
import { partOfKernel } from "../loop_nest/part_of_kernel.ts";
import { joinStages } from "../stages.ts";
import { kernelPhases } from "./codegen/kernel_phases.ts";
import type { Phase } from "./codegen/phase.ts";
import { SHARED_WORK } from "./codegen/program_module.ts";

/** Threads that go through a loop with as many places each: `axis` is the number of such a thread, from 0 on. */
export interface Share extends SharedLoop {
  /** The first of them, of all threads. */
  readonly firstThread: number;
}

/** A plan with the kernels of such loops cut into shares. */
export interface SharedPlan {
  readonly plan: Plan;
  readonly shares: readonly Share[];
  /** For each kernel, the one that it computes a share of, or that it is. */
  readonly originals: readonly Kernel[];
}

/** How threads divide a batch. */
interface Group {
  readonly firstThread: number;
  readonly threads: number;
  readonly firstPlace: number;
  /** Of each thread. */
  readonly places: number;
}

/** The plan for so many threads. */
export function shareLoops(plan: Plan, threads: number, joinsLanes = false): SharedPlan {
  const shared = loopsToShare(plan, threads, joinsLanes);
  if (shared.size === 0) return { plan, shares: [], originals: plan.kernels };
  const levels = ({ firstLevel, lastLevel }: LoopRange) => lastLevel - firstLevel + 1;
  /** By how much levels move behind some loops: each of these is there once for each group of threads. */
  const moved = (isBefore: (loop: LoopRange) => boolean) =>
    [...shared].reduce((sum, [l, { length }]) => isBefore(l) ? sum + (length - 1) * levels(l) : sum, 0);
  const begin = (level: number) => level + moved((l) => l.lastLevel < level);
  const end = (level: number) => level + moved((l) => l.lastLevel <= level);
  const sharedAround = (first: number, last = first) =>
    [...shared].find(([l]) => l.firstLevel <= first && last <= l.lastLevel);

  const loops: LoopRange[] = [];
  const shares: Share[] = [];
  const numbers = new Map<Group, Axis>();
  for (const loop of plan.loops) {
    const [around, groups] = sharedAround(loop.firstLevel, loop.lastLevel) ?? [];
    if (!around || !groups) {
      loops.push({ ...loop, firstLevel: begin(loop.firstLevel), lastLevel: end(loop.lastLevel) });
      continue;
    }
    groups.forEach((group, g) => {
      const firstLevel = begin(loop.firstLevel) + g * levels(around);
      const own = { ...loop, firstLevel, lastLevel: firstLevel + levels(loop) - 1 };
      loops.push(own);
      if (loop !== around) return;
      numbers.set(group, { name: "share", size: group.threads });
      const axis = numbers.get(group)!;
      shares.push({ loop: own, axis, firstThread: group.firstThread, firstLevel: begin(loop.firstLevel) });
    });
  }
  const placed = plan.kernels.flatMap((kernel, i) => {
    const level = begin(plan.levels[i]);
    const [loop, groups] = sharedAround(plan.levels[i]) ?? [];
    if (!loop || !groups) return { kernel, level, original: kernel };
    return groups.map((group, g) => ({
      kernel: shareOf(kernel, loop.batch!, group, numbers.get(group)!),
      level: level + g * levels(loop),
      original: kernel,
    }));
  });
  return {
    plan: { ...plan, kernels: placed.map((p) => p.kernel), levels: placed.map((p) => p.level), loops },
    shares,
    originals: placed.map((p) => p.original),
  };
}

/** The outermost loops that are worth it. */
function loopsToShare(plan: Plan, threads: number, joinsLanes: boolean): Map<LoopRange, Group[]> {
  const found = new Map<LoopRange, Group[]>();
  // Those inside of others come first.
  for (const loop of [...plan.loops].reverse()) {
    const isInside = [...found.keys()].some((l) =>
      l.firstLevel <= loop.firstLevel && loop.lastLevel <= l.lastLevel
    );
    if (isInside || !loop.batch || threads < 2 || loop.batch.size < threads) continue;
    const groups = groupsOf(loop.batch.size, threads);
    if (isWorthSharing(plan, loop, groups, threads, joinsLanes)) found.set(loop, groups);
  }
  return found;
}

/** As even as possible: the first threads may have one place more. */
function groupsOf(places: number, threads: number): Group[] {
  const each = Math.floor(places / threads);
  const more = places - each * threads;
  const large = { firstThread: 0, threads: more, firstPlace: 0, places: each + 1 };
  const small = {
    firstThread: more,
    threads: threads - more,
    firstPlace: more * (each + 1),
    places: each,
  };
  return more > 0 ? [large, small] : [small];
}

/** A kernel for the places of one of these threads. */
function shareOf(kernel: Kernel, batch: LoopBatch, group: Group, number: Axis): Kernel {
  const axis = batch.axes.get(kernel)!;
  const inPlace = axis.size / batch.size;
  const size = group.places * inPlace;
  const first = indexSum([[axisValue(number), size]], group.firstPlace * inPlace);
  return partOfKernel(kernel, axis, first, size);
}

/**
 * Whether a loop is through sooner that way than if all threads share each stage of each step; and whether sums have the
 * same bits, which must not depend on the number of threads.
 */
function isWorthSharing(
  plan: Plan,
  loop: LoopRange,
  groups: readonly Group[],
  threads: number,
  joinsLanes: boolean,
): boolean {
  const isInside = (i: number) => loop.firstLevel <= plan.levels[i] && plan.levels[i] <= loop.lastLevel;
  const kernels = plan.kernels.filter((_, i) => isInside(i));
  const levels = plan.levels.filter((_, i) => isInside(i));
  /** How often a kernel is run. */
  const times = (level: number) =>
    plan.loops.reduce(
      (n, l) =>
        loop.firstLevel <= l.firstLevel && l.firstLevel <= level && level <= l.lastLevel ? n * l.times : n,
      1,
    );
  const whole = kernels.map((kernel) => kernelPhases(kernel, { threads, joinsLanes }));
  const orders = whole.map(orderOf);
  let apart = 0;
  for (const group of groups) {
    const own = kernels.map((kernel) =>
      kernelPhases(shareOf(kernel, loop.batch!, group, { name: "share", size: group.threads }), {
        threads,
        joinsLanes,
      })
    );
    if (own.some((phases, i) => orderOf(phases) !== orders[i])) return false;
    apart = Math.max(
      apart,
      own.reduce((sum, { stages }, i) => sum + workOf(stages.flat()) * times(levels[i]), 0),
    );
  }
  const together = [...new Set(levels)].reduce((sum, level) => {
    const stages = joinStages(whole.filter((_, i) => levels[i] === level), levels.filter((w) => w === level));
    const once = stages.reduce((all, stage) => {
      const work = workOf(stage);
      return all + (work < SHARED_WORK ? work : work / threads + SHARED_WORK);
    }, 0);
    return sum + once * times(level);
  }, 0);
  return apart + SHARED_WORK < together;
}

const workOf = (phases: readonly Phase[]) => phases.reduce((sum, p) => sum + p.work, 0);
/** Copies, which come first, add nothing. */
const orderOf = ({ stages }: { stages: readonly (readonly Phase[])[] }) => stages.at(-1)![0].order;
