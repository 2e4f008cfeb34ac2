/**
 * Loops as one dispatch. Where a loop can be cut along a batch, a workgroup goes through all steps for its places: what steps
 * hand on lies in memory that nobody else touches meanwhile, so a barrier of the workgroup behind each level is enough. That
 * saves what starting kernels takes in each step, and is worth it as long as the weights that each workgroup reads in a step
 * are few.
 */
import { type Axis, axisValue } from "../../../engine/expression/expr.ts";
import { indexMul } from "../../../engine/expression/index_math.ts";
import type { LoopRange } from "../../../engine/kernel.ts";
import { kernelLoads } from "../../../engine/passes/memory_plan.ts";
import type { Plan } from "../../../engine/plan.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { type LoopKernel, loopKernel } from "../../loop_nest/loop_kernel.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { type MergedNest, mergedNest } from "../../loop_nest/merged_nest.ts";
import { partOfKernel } from "../../loop_nest/part_of_kernel.ts";
import { countMemories, type KernelWriter, type Places } from "./kernel_text.ts";
import { roundsOfThread } from "./loop_rounds.ts";
import { withoutShortStores } from "./short_values.ts";
import type { Target } from "./target.ts";
import { LoopBody, type NestThreads } from "./wgsl_loop_body.ts";
import { touchesOfNest } from "./wgsl_loops.ts";

/** Threads of a workgroup. */
const FEWEST_THREADS = 64;
const MOST_THREADS = 256;
/** With more workgroups than these, each takes several places of the batch. */
const MOST_WORKGROUPS = 1024;
/**
 * Terms that a workgroup takes in in a step, at most, and that all of them do for each level of kernels that is not started
 * on its own: each reads its weights from a cache that they share, which takes about as long then.
 */
const MOST_IN_STEP = 1 << 19;
const MOST_TOGETHER = 1 << 22;
/** And that one takes in in all steps: systems take a GPU that is long at a dispatch for a broken one. */
const MOST_IN_ALL = 1 << 30;
/** Terms of a sum whose loads are under way together: a workgroup has nobody to wait with. */
const TERMS_AT_ONCE = 16;

/** A kernel of the body for one workgroup. */
interface Part {
  readonly level: number;
  readonly nest: MergedNest;
  readonly threads: NestThreads;
}

/** The outermost loops that are one dispatch each, on a device, with what that is. */
export function wholeLoops(plan: Plan, target: Target, places: Places): Map<LoopRange, KernelWriter> {
  const found = new Map<LoopRange, KernelWriter>();
  // Those inside of others come first.
  for (const loop of [...plan.loops].reverse()) {
    const isInside = [...found.keys()].some((l) => contains(l, loop));
    const writer = isInside ? undefined : wholeLoop(plan, loop, target, places);
    if (writer) found.set(loop, writer);
  }
  return found;
}

const contains = (outer: LoopRange, inner: LoopRange) =>
  outer.firstLevel <= inner.firstLevel && inner.lastLevel <= outer.lastLevel;

/** A loop as one dispatch, if it can be and is worth it. */
function wholeLoop(plan: Plan, loop: LoopRange, target: Target, places: Places): KernelWriter | undefined {
  const { batch } = loop;
  if (!batch || loop.times < 2) return undefined;
  const within = plan.loops.filter((l) => contains(loop, l));
  const steps = (level: number) =>
    within.reduce((n, l) => l.firstLevel <= level && level <= l.lastLevel ? n * l.times : n, 1);
  /** Elements at each place, of the kernel that has most. */
  const elements = Math.max(...[...batch.axes.keys()].map((k) => roundsOf(k.space))) / batch.size;
  let each = Math.max(1, Math.ceil(batch.size / MOST_WORKGROUPS));
  while (batch.size % each !== 0 || each * elements < FEWEST_THREADS && each < batch.size) each++;
  const inFull = Math.max(1, Math.ceil(each * elements / FEWEST_THREADS)) * FEWEST_THREADS;
  const group = Math.min(MOST_THREADS, inFull);
  const share: Axis = { name: "share", size: batch.size / each };
  const kernels = withoutShortStores([...batch.axes.keys()], (tensor) => isNeededOutside(plan, loop, tensor));
  if (!kernels || kernels.size === 0) return undefined;
  const parts = [...kernels].map(([kernel, kept]): Part => {
    const axis = batch.axes.get(kernel)!;
    const size = each * axis.size / batch.size;
    const part = partOfKernel(kept, axis, indexMul(axisValue(share), size), size);
    return { level: plan.levels[plan.kernels.indexOf(kernel)], ...nestFor(loopKernel(part), group, target) };
  });
  const work = ({ nest }: Part) => roundsOf(nest.space) * roundsOf(nest.over) * roundsOf(nest.dotOver);
  const inAll = parts.reduce((sum, part) => sum + work(part) * steps(part.level), 0);
  const inStep = inAll / loop.times;
  const levels = new Set(parts.map((p) => p.level)).size;
  if (inStep > MOST_IN_STEP || inStep * share.size > MOST_TOGETHER * levels || inAll > MOST_IN_ALL) {
    return undefined;
  }
  const rounds = parts.reduce((sum, part) => sum + roundsOfPart(part) * steps(part.level), 0) +
    within.reduce((sum, l) => sum + steps(l.firstLevel), 0);
  if (rounds > target.maxRounds) return undefined;
  const writer: KernelWriter = {
    label: `loop of ${[...kernels.keys()].map(({ label }) => label).join(", ")}`,
    how: "loops; all steps in one dispatch, a workgroup for each share of the batch",
    workgroup: group,
    groups: share.size,
    touches: parts.flatMap(({ nest, threads }) => touchesOfNest(nest, threads.lane)),
    write: (bindings, prefix) => {
      const positions = new Map([[share, "unit"], ...within.map((l, i) => [l.counter, `step${i}`] as const)]);
      const levels = [...new Set(parts.map((p) => p.level))].sort((a, b) => a - b);
      const partsOf = (level: number) => [
        ...parts.filter((p) => p.level === level).flatMap(({ nest, threads }) => [
          "{",
          ...new LoopBody(nest, threads, bindings, prefix, positions).byWorkgroup(),
          "}",
        ]),
        "storageBarrier();",
      ];
      const range = (first: number, last: number, loops: readonly LoopRange[]): string[] => {
        const lines: string[] = [];
        for (let level = first; level <= last;) {
          const around = loops.findLast((l) => l.firstLevel === level);
          if (around) {
            const inside = range(level, around.lastLevel, loops.slice(0, loops.indexOf(around)));
            lines.push(`${head(around, positions.get(around.counter)!)} {`, ...inside, "}");
            level = around.lastLevel + 1;
          } else {
            if (levels.includes(level)) lines.push(...partsOf(level));
            level++;
          }
        }
        return lines;
      };
      return { body: range(loop.firstLevel, loop.lastLevel, within), declarations: "" };
    },
  };
  return countMemories([writer], places) <= target.maxBindings ? writer : undefined;
}

/** Whether anything but the kernels of a loop has to do with a tensor. */
function isNeededOutside({ kernels, levels, memory }: Plan, loop: LoopRange, tensor: Tensor): boolean {
  const isOutside = (i: number) => levels[i] < loop.firstLevel || levels[i] > loop.lastLevel;
  return memory.slots.get(tensor)?.kind !== "arena" ||
    kernels.some((kernel, i) => isOutside(i) && kernelLoads(kernel).some((l) => l.source === tensor));
}

/** The steps of a loop, in their order. */
const head = ({ times, reverse }: LoopRange, name: string): string =>
  reverse
    ? `for (var ${name} = ${times - 1}; ${name} >= 0; ${name}--)`
    : `for (var ${name} = 0; ${name} < ${times}; ${name}++)`;

/** A kernel's loops and the threads for them: each computes four elements if all have enough to do then. */
function nestFor(kernel: LoopKernel, group: number, { maxSliceTerms }: Target): Omit<Part, "level"> {
  const nest = mergedNest(kernel);
  const last = nest.space.at(-1);
  const lane = last && last.size % 4 === 0 && roundsOf(nest.space) >= 4 * group ? last : undefined;
  const threads = {
    group,
    subgroup: 1,
    unrolled: Math.min(TERMS_AT_ONCE, maxSliceTerms),
    sharers: 1,
    takesTurns: false,
    roundsFirst: false,
    lane,
    total: undefined,
  };
  return { nest, threads };
}

/** The rounds of a thread in one step. */
function roundsOfPart({ nest, threads }: Part): number {
  const elements = Math.ceil(roundsOf(nest.space) / (threads.lane ? 4 : 1) / threads.group);
  return elements * (1 + roundsOfThread(nest, threads));
}
