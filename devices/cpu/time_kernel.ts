/** How long one kernel takes on one thread, on memory that nothing else uses. */
import type { Tensor } from "../../engine/tensor.ts";
import { slotBytes } from "../../engine/memory_plan.ts";
import { Scratch } from "../scratch.ts";
import { joinStages, type Staged } from "../stages.ts";
import type { LinearMemory } from "./linear_memory.ts";
import type { Phase } from "./phase.ts";
import { buildModule } from "./program_module.ts";

/** The engine makes code faster that has run for a while: before that, times say little. */
const WARM_UP_MS = 15;
const ROUND_MS = 3;
const ROUNDS = 3;

/** Milliseconds of one run, the least of several; `readAt` gives the address of what is read where it is. */
export function timeKernel(
  kernel: Staged<Phase>,
  memory: LinearMemory,
  readAt: (source: Tensor) => number | undefined,
): number {
  const blocks = new Map<unknown, { address: number; bytes: number }>();
  const addressOf = (source: unknown) => {
    const known = blocks.get(source)?.address ??
      (source instanceof Scratch ? undefined : readAt(source as Tensor));
    if (known !== undefined) return known;
    const bytes = source instanceof Scratch ? source.bytes : slotBytes(source as Tensor);
    const block = { address: memory.allocate(bytes), bytes };
    blocks.set(source, block);
    return block.address;
  };
  try {
    const bytes = buildModule(joinStages([kernel], [0]), {
      address: addressOf,
      dtype: (source) => (source as Tensor | Scratch).dtype,
    }, { threads: 1, control: 0, memory });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory.memory } });
    const run = instance.exports.run as (worker: number, times: number) => void;
    return leastTime((times) => run(0, times));
  } finally {
    for (const { address, bytes } of blocks.values()) memory.release(address, bytes);
  }
}

function leastTime(run: (times: number) => void): number {
  const timed = (times: number) => {
    const begin = performance.now();
    run(times);
    return performance.now() - begin;
  };
  let spent = 0;
  let least = Infinity;
  while (spent < WARM_UP_MS) {
    const once = timed(1);
    spent += once;
    least = Math.min(least, once);
  }
  const times = Math.max(1, Math.ceil(ROUND_MS / least));
  for (let round = 0; round < ROUNDS; round++) least = Math.min(least, timed(times) / times);
  return least;
}
