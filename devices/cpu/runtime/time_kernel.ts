/** How long the variants of a kernel take on one thread, each on memory that nothing else uses. */
import type { Axis } from "../../../engine/expression/expr.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { slotBytes } from "../../../engine/passes/memory_plan.ts";
import { Scratch } from "../../scratch.ts";
import { joinStages, type Staged } from "../../stages.ts";
import { leastTimes, type TimingRounds } from "../../tuning/least_times.ts";
import type { LinearMemory } from "./linear_memory.ts";
import type { Phase } from "../codegen/phase.ts";
import { buildModule, slicesOf } from "../codegen/program_module.ts";
import type { SliceModules } from "./slice_modules.ts";

/** The engine makes code faster that has run for a while: before that, times say little. */
const WARM_UP_MS = 15;
const TIMING: TimingRounds = { roundMs: 3, rounds: 7 };

/** Runs a kernel so many times. */
type Run = (times: number) => void;

/** Where kernels are timed. */
export interface TimingPlace {
  readonly memory: LinearMemory;
  readonly sliceModules: SliceModules;
}

/**
 * Milliseconds of one run of each variant. `readAt` gives the address of what is read where it is; loops around the kernel, by
 * the global that counts their steps, stay at their beginning.
 */
export async function timeKernels(
  variants: ReadonlyMap<string, Staged<Phase>>,
  place: TimingPlace,
  readAt: (source: Tensor) => number | undefined,
  counters: ReadonlyMap<Axis, number> = new Map(),
): Promise<Map<string, number>> {
  const blocks: { address: number; bytes: number }[] = [];
  try {
    const prepared = [...variants.values()].map((kernel) => {
      const run = prepare(kernel, place, readAt, counters, blocks);
      return { run: (times: number) => timed(run, times), once: warmUp(run) };
    });
    const least = await leastTimes(prepared, TIMING);
    return new Map([...variants.keys()].map((variant, i) => [variant, least[i]]));
  } finally {
    for (const { address, bytes } of blocks) place.memory.release(address, bytes);
  }
}

/** Compiles a kernel alone; the memory that it takes is added to `blocks`. */
function prepare(
  kernel: Staged<Phase>,
  { memory, sliceModules }: TimingPlace,
  readAt: (source: Tensor) => number | undefined,
  counters: ReadonlyMap<Axis, number>,
  blocks: { address: number; bytes: number }[],
): Run {
  const own = new Map<unknown, number>();
  const addressOf = (source: unknown) => {
    const known = own.get(source) ?? (source instanceof Scratch ? undefined : readAt(source as Tensor));
    if (known !== undefined) return known;
    const bytes = source instanceof Scratch ? source.bytes : slotBytes(source as Tensor);
    const address = memory.allocate(bytes);
    blocks.push({ address, bytes });
    own.set(source, address);
    return address;
  };
  const dtype = (source: unknown) => (source as Tensor | Scratch).dtype;
  const options = { threads: 1, control: 0, memory, globals: counters.size };
  const stages = joinStages([kernel], [0]);
  const bytes = buildModule(stages, { address: addressOf, dtype, counters }, options);
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(bytes),
    sliceModules.importsOf(slicesOf(stages)),
  );
  const run = instance.exports.run as (worker: number, times: number) => void;
  return (times) => run(0, times);
}

function timed(run: Run, times: number): number {
  const begin = performance.now();
  run(times);
  return performance.now() - begin;
}

/** The least time of a run so far. */
function warmUp(run: Run): number {
  let spent = 0;
  let least = Infinity;
  while (spent < WARM_UP_MS) {
    const once = timed(run, 1);
    spent += once;
    least = Math.min(least, once);
  }
  return least;
}
