/** All kernels of a plan as WGSL: level by level, kernels with workgroups of one size in one dispatch. */
import type { Kernel } from "../../../engine/kernel.ts";
import type { Plan } from "../../../engine/plan.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { inLevels } from "../../../engine/levels.ts";
import { Scratch } from "../../scratch.ts";
import { type CopyingKernel, withEarlyCopies } from "../../loop_nest/loop_invariants.ts";
import { joinStages, placeScratch } from "../../stages.ts";
import {
  countMemories,
  type DispatchText,
  dispatchText,
  type KernelWriter,
  type Memory,
  type Places,
} from "./kernel_text.ts";
import { ENOUGH_TILES } from "../contraction/gpu_tiles.ts";
import type { Target } from "./target.ts";
import { wholeLoops } from "./wgsl_whole_loop.ts";
import { writeKernel } from "./write_kernel.ts";

/** What is bound: a tensor's memory, or a part of what kernels hand on to each other, from an offset on. */
export interface BoundMemory {
  readonly place: Tensor | "scratch";
  readonly offset: number;
  readonly bytes: number;
  readonly isWritten: boolean;
}

/** Dispatches that are run several times in a row. */
export interface DispatchLoop {
  readonly first: number;
  /** The dispatch behind the last one. */
  readonly end: number;
  readonly times: number;
  readonly reverse: boolean;
}

/** One dispatch of a program. */
export interface ProgramText extends Omit<DispatchText, "bindings"> {
  readonly bindings: readonly BoundMemory[];
  /** How many loops are around it. */
  readonly depth: number;
}

/** All that is done in a run of a program. */
export interface ProgramTexts {
  readonly dispatches: readonly ProgramText[];
  /** Those inside of others come first. */
  readonly loops: readonly DispatchLoop[];
  readonly scratchBytes: number;
  /** For each kernel of the plan, how it is computed. */
  readonly how: readonly string[];
}

/** For kernels that are computed elsewhere. */
const NOTHING = { stages: [], scratches: [], copies: [] };

/** More kernels than these in one dispatch take too long to compile for what they save. */
const MOST_TOGETHER = 12;

/** Writes every kernel, in the variant that is named. */
export function kernelTexts(
  plan: Plan,
  target: Target,
  variantOf: (kernel: Kernel) => string | undefined,
): ProgramTexts {
  const { slots } = plan.memory;
  const bound = (memory: Memory): Omit<BoundMemory, "isWritten"> =>
    memory instanceof Scratch
      ? { place: "scratch", offset: scratch.offsets.get(memory)!, bytes: memory.bytes }
      : { place: memory, offset: 0, bytes: slots.get(memory)!.bytes };
  const places: Places = {
    keyOf: (memory) => {
      const { place, offset } = bound(memory);
      if (place === "scratch") return `scratch ${offset}`;
      const slot = slots.get(place)!;
      return slot.kind === "arena" ? `arena ${slot.offset}` : `tensor ${place.id}`;
    },
    bufferOf: (memory) => {
      const isOwn = !(memory instanceof Scratch) && slots.get(memory)!.kind === "external";
      return isOwn ? `tensor ${memory.id}` : "arena";
    },
  };
  const whole = wholeLoops(plan, target, places);
  const loopOf = (i: number) =>
    [...whole.keys()].find((l) => l.firstLevel <= plan.levels[i] && plan.levels[i] <= l.lastLevel);
  const kernels = plan.kernels.map((kernel, i): CopyingKernel<KernelWriter> =>
    loopOf(i) ? NOTHING : writeKernel(kernel, target, variantOf(kernel))
  );
  const early = withEarlyCopies(plan, kernels);
  const staged = [
    ...early.staged,
    ...[...whole.values()].map((w) => ({ stages: [[w]], scratches: [] })),
  ];
  const levels = [...early.levels, ...[...whole.keys()].map((l) => l.firstLevel)];
  const scratch = placeScratch(staged, levels, early.kept);
  const loops = plan.loops.filter((loop) =>
    ![...whole.keys()].some((l) => l.firstLevel <= loop.firstLevel && loop.lastLevel <= l.lastLevel)
  );
  const directive = target.subgroups?.directive ?? "";
  const dispatches: ProgramText[] = [];
  const levelOf: number[] = [];
  for (const [level, own] of [...inLevels(staged, levels)].sort(([a], [b]) => a - b)) {
    const counters = loops.filter((l) => l.firstLevel <= level && level <= l.lastLevel)
      .map((l) => l.counter).reverse();
    for (const stage of joinStages(own, own.map(() => level))) {
      for (const batch of batches(stage, places, target)) {
        const text = dispatchText(batch, places, counters);
        const bindings = text.bindings.map(({ memory, isWritten }) => ({ ...bound(memory), isWritten }));
        dispatches.push({ ...text, code: directive + text.code, bindings, depth: counters.length });
        levelOf.push(level);
      }
    }
  }
  return {
    dispatches,
    loops: loops.map(({ firstLevel, lastLevel, times, reverse }) => ({
      first: levelOf.filter((level) => level < firstLevel).length,
      end: levelOf.filter((level) => level <= lastLevel).length,
      times,
      reverse,
    })),
    scratchBytes: scratch.bytes,
    how: kernels.map((k, i) => {
      const loop = loopOf(i);
      return loop ? whole.get(loop)!.how : k.stages.at(-1)?.at(-1)?.how ?? "nothing to do";
    }),
  };
}

/** Kernels with so much memory for each workgroup leave a GPU room for few of these. */
const MUCH_SHARED = 4096;

/** Whether a kernel alone gives a GPU enough to do; two of them together only stand in each other's way. */
const fillsGpu = ({ groups, sharedBytes = 0 }: KernelWriter) =>
  sharedBytes >= MUCH_SHARED && groups >= ENOUGH_TILES;

/** Splits a stage into dispatches: workgroups of one size, not too many bindings and not too much shared memory. */
function batches(
  stage: readonly KernelWriter[],
  places: Places,
  { maxBindings, maxSharedBytes }: Target,
): KernelWriter[][] {
  const result: KernelWriter[][] = [];
  for (const writer of stage) {
    const host = result.find((batch) => {
      const joined = [...batch, writer];
      return batch[0].workgroup === writer.workgroup && batch.length < MOST_TOGETHER &&
        countMemories(joined, places) <= maxBindings && !(fillsGpu(writer) && batch.some(fillsGpu)) &&
        joined.reduce((sum, { sharedBytes = 0 }) => sum + sharedBytes, 0) <= maxSharedBytes;
    });
    if (host) host.push(writer);
    else result.push([writer]);
  }
  return result;
}
