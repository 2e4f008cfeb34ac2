/** A plan as one WebAssembly module, with memory for what it keeps between its kernels. */
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Scratch } from "../contraction_plan.ts";
import { joinStages, placeScratch } from "../stages.ts";
import type { MemoryMap, Reach } from "./emit_expr.ts";
import { kernelPhases } from "./kernel_phases.ts";
import { type LinearMemory, MAX_PAGES } from "./linear_memory.ts";
import { buildModule } from "./program_module.ts";

/** Where a plan is to run. */
export interface PlanSurroundings {
  readonly threads: number;
  /** Address of the words by which threads agree. */
  readonly control: number;
  /** The arena is allocated from here. */
  readonly memory: LinearMemory;
  /** Where a tensor is that lives outside the arena. */
  readonly addressOf: (tensor: Tensor) => number;
}

/** The encoded module and its memory. */
export interface CompiledPlan {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The addresses that its loads may touch. */
  readonly reach: Reach;
  readonly arena: number;
  readonly arenaBytes: number;
  /** How each kernel is computed, for people. */
  readonly how: string[];
}

/** Encodes a plan and allocates its arena. */
export function compilePlan(plan: Plan, surroundings: PlanSurroundings): CompiledPlan {
  const { threads, control, memory, addressOf } = surroundings;
  const perKernel = plan.kernels.map((kernel) => kernelPhases(kernel));
  const scratch = placeScratch(perKernel, plan.waves);
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
  };
  const { bytes, reach } = buildModule(joinStages(perKernel, plan.waves), memoryMap, {
    threads,
    control,
    pages: { initial: memory.initialPages, maximum: MAX_PAGES },
  });
  if (reach.low < 0) throw new Error(`Cannot run a program: it reads ${-reach.low} bytes below its memory`);
  const how = perKernel.map((kernel) => kernel.stages.at(-1)![0].how);
  return { bytes, reach, arena, arenaBytes, how };
}
