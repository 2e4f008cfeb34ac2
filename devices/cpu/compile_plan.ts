/** A plan as one WebAssembly module, with memory for what it keeps between its kernels. */
import type { Axis } from "../../engine/expression/expr.ts";
import { type Kernel, kernelStores } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import type { Scratch } from "../scratch.ts";
import { IN_SHARE, isCommonCopy, withEarlyCopies } from "../loop_nest/loop_invariants.ts";
import type { LoopKernel } from "../loop_nest/loop_kernel.ts";
import { joinStages, placeScratch, stagesOfLevels } from "../stages.ts";
import { fastestWay, findWays, type Variants } from "../tuning/find_variants.ts";
import type { MemoryMap } from "./codegen/expr_scope.ts";
import { canJoinLanes, kernelPhases, variantsOf } from "./codegen/kernel_phases.ts";
import type { LinearMemory } from "./runtime/linear_memory.ts";
import { buildModule, slicesOf, type StageRange } from "./codegen/program_module.ts";
import type { SliceModules } from "./runtime/slice_modules.ts";
import { joinsLanes as engineJoinsLanes } from "./slices/joins_lanes.ts";
import type { SliceKernel } from "./slices/slice_kernel.ts";
import { shareLoops } from "./shared_loops.ts";
import { timeKernels } from "./runtime/time_kernel.ts";

/** Where a plan is to run. */
export interface PlanSurroundings {
  readonly threads: number;
  /** Address of the words by which threads agree. */
  readonly control: number;
  /** The arena is allocated from here. */
  readonly memory: LinearMemory;
  /** Where a tensor is that lives outside the arena. */
  readonly addressOf: (tensor: Tensor) => number;
  readonly tuning: Tuning | undefined;
  /** Whether the engine joins lanes; it is found out if that is not known, and a kernel may gain by it. */
  readonly joinsLanes: boolean | undefined;
  /** The functions for that. */
  readonly sliceModules: SliceModules;
  /** Ends the timing of kernels before it is done. */
  readonly signal: AbortSignal | undefined;
}

/** The encoded module and its memory. */
export interface CompiledPlan {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly arena: number;
  readonly arenaBytes: number;
  /** The functions that it imports. */
  readonly slices: readonly SliceKernel[];
  /** How each kernel is computed, for people. */
  readonly how: string[];
}

/** From how many operations on a kernel counts. */
const FEWEST_FLOPS = 1e6;

/** Whether a kernel is one that is faster where lanes are joined. */
const isWorthAsking = (kernel: Kernel): boolean => kernel.flops >= FEWEST_FLOPS && canJoinLanes(kernel);

/** Encodes a plan and allocates its arena. */
export async function compilePlan(given: Plan, surroundings: PlanSurroundings): Promise<CompiledPlan> {
  const { threads, control, memory, addressOf, tuning } = surroundings;
  const joinsLanes = surroundings.joinsLanes ?? (given.kernels.some(isWorthAsking) && engineJoinsLanes());
  const { plan, shares, originals } = shareLoops(given, threads, joinsLanes);
  const variants = (kernel: Kernel) => variantsOf(kernel, joinsLanes);
  const globals = new Map([...new Set([...plan.loops.map((l) => l.counter), ...shares.map((s) => s.axis)])]
    .map((axis, number) => [axis, number]));
  if (tuning) {
    await findWays(
      plan.kernels,
      tuning,
      waysIn(plan, globals, joinsLanes, surroundings),
      surroundings.signal,
    );
  }
  const shareAround = (level: number) =>
    shares.find(({ loop }) => loop.firstLevel - IN_SHARE <= level && level <= loop.lastLevel);
  const perKernel = plan.kernels.map((kernel, i) => {
    const [level, share] = [plan.levels[i], shareAround(plan.levels[i])];
    const own = share && {
      axis: share.axis,
      isCommon: (copy: LoopKernel) => isCommonCopy(plan, level, copy, share),
    };
    const variant = fastestWay(kernel, tuning, variants);
    return kernelPhases(kernel, { variant, share: own, threads, joinsLanes });
  });
  const { staged, levels, kept } = withEarlyCopies(plan, perKernel, shares);
  // Threads may be in different levels of a loop that they share, so nothing of it takes the place of anything else.
  const apart = staged.flatMap(({ scratches }, i) => shareAround(levels[i]) ? scratches : []);
  const scratch = placeScratch(staged, levels, [...new Set([...kept, ...apart])]);
  const arenaBytes = plan.memory.arenaBytes + scratch.bytes;
  const arena = memory.allocate(arenaBytes);
  const memoryMap: MemoryMap = {
    address: (source) => {
      const offset = scratch.offsets.get(source as Scratch);
      if (offset !== undefined) return arena + plan.memory.arenaBytes + offset;
      const slot = plan.memory.slots.get(source as Tensor);
      if (!slot) throw new Error("Cannot find the memory of a tensor");
      return slot.kind === "arena" ? arena + slot.offset : addressOf(source as Tensor);
    },
    dtype: (source) => (source as Tensor | Scratch).dtype,
    counters: globals,
  };
  const counts = stagesOfLevels(staged, levels);
  /** The stages of some levels. */
  const stagesOf = (isOne: (level: number) => boolean) =>
    [...counts].reduce((sum, [level, count]) => isOne(level) ? sum + count : sum, 0);
  const stages = joinStages(staged, levels);
  const bytes = buildModule(stages, memoryMap, {
    threads,
    control,
    memory,
    globals: globals.size,
    ranges: plan.loops.flatMap((loop): StageRange[] => {
      const { firstLevel, lastLevel, times, reverse, counter } = loop;
      const end = stagesOf((level) => level <= lastLevel);
      const first = stagesOf((level) => level < firstLevel);
      const share = shares.find((s) => s.loop === loop);
      const range: StageRange = { kind: "loop", first, end, times, reverse, global: globals.get(counter)! };
      if (!share) return [range];
      const { firstThread, axis } = share;
      return [range, {
        kind: "share",
        first: stagesOf((level) => level < firstLevel - IN_SHARE),
        end,
        firstThread,
        threads: axis.size,
        global: globals.get(axis)!,
      }];
    }),
  });
  const how = given.kernels.map((kernel) => {
    const at = originals.indexOf(kernel);
    const share = shareAround(plan.levels[at]);
    const phases = perKernel[at].stages.flat();
    const { how } = phases.find((p) => p.inner) ?? phases.at(-1)!;
    return share ? `${how}; each thread goes through all steps for its share of the batch` : how;
  });
  return { bytes, slices: slicesOf(stages), arena, arenaBytes, how };
}

/** How kernels of a plan are timed. */
function waysIn(
  plan: Plan,
  counters: ReadonlyMap<Axis, number>,
  joinsLanes: boolean,
  { memory, addressOf, sliceModules }: PlanSurroundings,
): Variants {
  return {
    of: (kernel) => variantsOf(kernel, joinsLanes),
    worthTiming: (_kernel, variants) => variants,
    time: (kernel, variants) => {
      const written = new Set(kernelStores(kernel).map(({ store }) => store.target));
      const readAt = (tensor: Tensor) =>
        plan.memory.slots.get(tensor)?.kind === "external" && !written.has(tensor)
          ? addressOf(tensor)
          : undefined;
      return timeKernels(
        new Map(
          variants.map((variant) => [variant, kernelPhases(kernel, { variant, threads: 1, joinsLanes })]),
        ),
        { memory, sliceModules },
        readAt,
        counters,
      );
    },
  };
}
