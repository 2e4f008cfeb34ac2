/** A plan as one WebAssembly module, with memory for what it keeps between its kernels. */
import type { Axis } from "../../engine/expression/expr.ts";
import { kernelStores } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import type { Scratch } from "../scratch.ts";
import { IN_SHARE, isCommonCopy, withEarlyCopies } from "../loop_nest/loop_invariants.ts";
import type { LoopKernel } from "../loop_nest/loop_kernel.ts";
import { joinStages, placeScratch, stagesOfWaves } from "../stages.ts";
import { fastestWay, findWays, type Ways } from "../tuning/find_ways.ts";
import type { MemoryMap } from "./codegen/expr_scope.ts";
import { kernelPhases, waysOf } from "./codegen/kernel_phases.ts";
import type { LinearMemory } from "./runtime/linear_memory.ts";
import { buildModule, type StageRange } from "./codegen/program_module.ts";
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
  /** Ends the timing of kernels before it is done. */
  readonly signal: AbortSignal | undefined;
}

/** The encoded module and its memory. */
export interface CompiledPlan {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly arena: number;
  readonly arenaBytes: number;
  /** How each kernel is computed, for people. */
  readonly how: string[];
}

/** Encodes a plan and allocates its arena. */
export async function compilePlan(given: Plan, surroundings: PlanSurroundings): Promise<CompiledPlan> {
  const { threads, control, memory, addressOf, tuning } = surroundings;
  const { plan, shares, originals } = shareLoops(given, threads);
  const globals = new Map([...new Set([...plan.loops.map((l) => l.counter), ...shares.map((s) => s.axis)])]
    .map((axis, number) => [axis, number]));
  if (tuning) await findWays(plan.kernels, tuning, waysIn(plan, globals, surroundings), surroundings.signal);
  const shareAround = (wave: number) =>
    shares.find(({ loop }) => loop.firstWave - IN_SHARE <= wave && wave <= loop.lastWave);
  const perKernel = plan.kernels.map((kernel, i) => {
    const [wave, share] = [plan.waves[i], shareAround(plan.waves[i])];
    const own = share && {
      axis: share.axis,
      isCommon: (copy: LoopKernel) => isCommonCopy(plan, wave, copy, share),
    };
    return kernelPhases(kernel, fastestWay(kernel, tuning, waysOf), own);
  });
  const { staged, waves, kept } = withEarlyCopies(plan, perKernel, shares);
  // Threads may be in different waves of a loop that they share, so nothing of it takes the place of anything else.
  const apart = staged.flatMap(({ scratches }, i) => shareAround(waves[i]) ? scratches : []);
  const scratch = placeScratch(staged, waves, [...new Set([...kept, ...apart])]);
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
  const counts = stagesOfWaves(staged, waves);
  /** The stages of some waves. */
  const stagesOf = (isOne: (wave: number) => boolean) =>
    [...counts].reduce((sum, [wave, count]) => isOne(wave) ? sum + count : sum, 0);
  const bytes = buildModule(joinStages(staged, waves), memoryMap, {
    threads,
    control,
    memory,
    globals: globals.size,
    ranges: plan.loops.flatMap((loop): StageRange[] => {
      const { firstWave, lastWave, times, reverse, counter } = loop;
      const end = stagesOf((wave) => wave <= lastWave);
      const first = stagesOf((wave) => wave < firstWave);
      const share = shares.find((s) => s.loop === loop);
      const range: StageRange = { kind: "loop", first, end, times, reverse, global: globals.get(counter)! };
      if (!share) return [range];
      const { firstThread, axis } = share;
      return [range, {
        kind: "share",
        first: stagesOf((wave) => wave < firstWave - IN_SHARE),
        end,
        firstThread,
        threads: axis.size,
        global: globals.get(axis)!,
      }];
    }),
  });
  const how = given.kernels.map((kernel) => {
    const at = originals.indexOf(kernel);
    const share = shareAround(plan.waves[at]);
    const { how } = perKernel[at].stages.at(-1)![0];
    return share ? `${how}; each thread goes through all steps for its share of the batch` : how;
  });
  return { bytes, arena, arenaBytes, how };
}

/** How kernels of a plan are timed. */
function waysIn(
  plan: Plan,
  counters: ReadonlyMap<Axis, number>,
  { memory, addressOf }: PlanSurroundings,
): Ways {
  return {
    of: waysOf,
    worthTiming: (_kernel, ways) => ways,
    time: (kernel, ways) => {
      const written = new Set(kernelStores(kernel).map(({ store }) => store.target));
      const readAt = (tensor: Tensor) =>
        plan.memory.slots.get(tensor)?.kind === "external" && !written.has(tensor)
          ? addressOf(tensor)
          : undefined;
      return timeKernels(
        new Map(ways.map((way) => [way, kernelPhases(kernel, way)])),
        memory,
        readAt,
        counters,
      );
    },
  };
}
