/** A plan as one WebAssembly module, with memory for what it keeps between its kernels. */
import { kernelStores } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import type { Scratch } from "../scratch.ts";
import { withEarlyCopies } from "../loop_nest/loop_invariants.ts";
import { joinStages, placeScratch, stagesOfWaves } from "../stages.ts";
import { fastestWay, findWays, type Ways } from "../tuning/find_ways.ts";
import type { MemoryMap } from "./codegen/expr_scope.ts";
import { kernelPhases, waysOf } from "./codegen/kernel_phases.ts";
import type { LinearMemory } from "./runtime/linear_memory.ts";
import { buildModule } from "./codegen/program_module.ts";
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
export async function compilePlan(plan: Plan, surroundings: PlanSurroundings): Promise<CompiledPlan> {
  const { threads, control, memory, addressOf, tuning } = surroundings;
  if (tuning) await findWays(plan.kernels, tuning, waysIn(plan, surroundings), surroundings.signal);
  const perKernel = plan.kernels.map((kernel) => kernelPhases(kernel, fastestWay(kernel, tuning, waysOf)));
  const { staged, waves, kept } = withEarlyCopies(plan, perKernel);
  const scratch = placeScratch(staged, waves, kept);
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
    counters: new Map(plan.loops.map((loop, global) => [loop.counter, global])),
  };
  const counts = stagesOfWaves(staged, waves);
  /** The stages of some waves. */
  const stagesOf = (isOne: (wave: number) => boolean) =>
    [...counts].reduce((sum, [wave, count]) => isOne(wave) ? sum + count : sum, 0);
  const bytes = buildModule(joinStages(staged, waves), memoryMap, {
    threads,
    control,
    memory,
    loops: plan.loops.map(({ firstWave, lastWave, times, reverse }, global) => ({
      first: stagesOf((wave) => wave < firstWave),
      end: stagesOf((wave) => wave <= lastWave),
      times,
      reverse,
      global,
    })),
  });
  const how = perKernel.map((kernel) => kernel.stages.at(-1)![0].how);
  return { bytes, arena, arenaBytes, how };
}

/** How kernels of a plan are timed. */
function waysIn(plan: Plan, { memory, addressOf }: PlanSurroundings): Ways {
  return {
    of: waysOf,
    worthTiming: (_kernel, ways) => ways,
    time: (kernel, ways) => {
      const written = new Set(kernelStores(kernel).map(({ store }) => store.target));
      const readAt = (tensor: Tensor) =>
        plan.memory.slots.get(tensor)?.kind === "external" && !written.has(tensor)
          ? addressOf(tensor)
          : undefined;
      return timeKernels(new Map(ways.map((way) => [way, kernelPhases(kernel, way)])), memory, readAt);
    },
  };
}
