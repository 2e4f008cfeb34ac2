/** All kernels of a plan as WGSL: wave by wave, kernels with workgroups of one size in one dispatch. */
import { bytesPerElement } from "../../engine/array.ts";
import type { Kernel } from "../../engine/kernel.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { planContraction, Scratch } from "../contraction_plan.ts";
import { loopKernel } from "../loop_kernel.ts";
import { joinStages, placeScratch, type Staged } from "../stages.ts";
import {
  countMemories,
  type DispatchText,
  dispatchText,
  type KernelWriter,
  type Memory,
} from "./kernel_text.ts";
import { loopWriter } from "./wgsl_loops.ts";
import { maxRowsOf, rowsWriter } from "./wgsl_rows.ts";
import { fitsTiles, TILE_THREADS, tilesWriter } from "./wgsl_tiles.ts";

/** One dispatch of a program. */
export interface ProgramText extends Omit<DispatchText, "bindings"> {
  /** The memory that is bound: a tensor's, or scratch at an offset. */
  readonly bindings: readonly { tensor?: Tensor; scratch?: number; bytes: number }[];
}

/** All dispatches of a program. */
export interface ProgramTexts {
  readonly texts: readonly ProgramText[];
  readonly scratchBytes: number;
  /** For each kernel of the plan, how it is computed. */
  readonly how: readonly string[];
}

/** How contractions are computed: in rows, for adapters that are programs, or in tiles, for GPUs. */
export type Family = "rows" | "tiles";

/** More kernels than these in one dispatch take too long to compile for what they save. */
const MOST_TOGETHER = 8;

/** Writes every kernel. */
export function kernelTexts(plan: Plan, family: Family, maxBindings: number): ProgramTexts {
  const { slots } = plan.memory;
  const writers = plan.kernels.map((kernel) => writersOf(kernel, family));
  const { offsets, bytes: scratchBytes } = placeScratch(writers, plan.waves);
  /** Memory in one place has one key. */
  const keyOf = (memory: Memory) => {
    if (memory instanceof Scratch) return `scratch ${offsets.get(memory)}`;
    const slot = slots.get(memory)!;
    return slot.kind === "arena" ? `arena ${slot.offset}` : `tensor ${memory.id}`;
  };
  const texts = joinStages(writers, plan.waves).flatMap((stage) =>
    batches(stage, keyOf, maxBindings).map((batch): ProgramText => {
      const text = dispatchText(batch, keyOf);
      const bindings = text.bindings.map((memory) =>
        memory instanceof Scratch
          ? { scratch: offsets.get(memory)!, bytes: memory.bytes }
          : { tensor: memory, bytes: slots.get(memory)!.bytes }
      );
      return { ...text, bindings };
    })
  );
  return { texts, scratchBytes, how: writers.map((w) => w.stages.at(-1)?.[0].how ?? "nothing to do") };
}

function writersOf(kernel: Kernel, family: Family): Staged<KernelWriter> {
  if (kernel.space.some((axis) => axis.size === 0)) return { stages: [], scratches: [] };
  const threads = family === "rows" ? 64 : TILE_THREADS;
  const columns = kernel.space.at(-1)?.size ?? 1;
  const cut = planContraction(
    kernel,
    family === "rows" ? { maxRows: maxRowsOf(columns), copiesStrided: true } : { maxRows: 8 },
  );
  const plan = cut && family === "tiles" && !fitsTiles(cut) ? undefined : cut;
  // Bytes are written four at a time, which rows of another length would tear apart.
  const tearsBytes = plan !== undefined && plan.lane.size % 4 !== 0 &&
    kernel.stores.some((s) => bytesPerElement(s.target.dtype) === 1);
  if (!plan || tearsBytes) return { stages: [[loopWriter(loopKernel(kernel), threads)]], scratches: [] };
  const copies = plan.copies.map((copy) =>
    loopWriter({ ...copy, label: `${kernel.label}: ${copy.label}` }, threads)
  );
  const main = [(family === "rows" ? rowsWriter : tilesWriter)(kernel.label, plan)];
  return { stages: copies.length > 0 ? [copies, main] : [main], scratches: plan.scratches };
}

/** Splits a stage into dispatches: workgroups of one size, and not too many bindings. */
function batches(
  stage: readonly KernelWriter[],
  keyOf: (memory: Memory) => string,
  maxBindings: number,
): KernelWriter[][] {
  const result: KernelWriter[][] = [];
  for (const writer of stage) {
    const home = result.find((batch) =>
      batch[0].workgroup === writer.workgroup && batch.length < MOST_TOGETHER &&
      countMemories([...batch, writer], keyOf) <= maxBindings
    );
    if (home) home.push(writer);
    else result.push([writer]);
  }
  return result;
}
