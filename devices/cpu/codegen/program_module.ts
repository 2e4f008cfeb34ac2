/**
 * A program's phases as one WebAssembly module. Its function `run(worker, times)` goes through all stages, again and again;
 * threads take portions of large stages from a common counter and meet at a barrier behind each.
 */
import { type EncodedFunction, encodeModule, FunctionBuilder } from "./assembler.ts";
import { sliceFunctions, type SliceKernel, sliceName, sliceParams } from "../slices/slice_kernel.ts";
import type { MemoryMap } from "./expr_scope.ts";
import type { Reach } from "./memory_access.ts";
import { type LinearMemory, MAX_PAGES } from "../runtime/linear_memory.ts";
import type { ModuleContext, Phase } from "./phase.ts";

// Words in the control memory by which threads agree, each in a cache line of its own.
const ARRIVED = 0;
const GENERATION = 64;
const COUNTER = 128;
const SLEEPERS = 192;

/** A stage below this many operations is left to one thread: sharing it would take longer. */
export const SHARED_WORK = 60_000;
/** Looks at the barrier this often before going to sleep. */
const SPINS = 20000;
/** A stage is handed out in about this many portions for each thread, so that a late thread holds nobody up. */
const PORTIONS = 24;

interface Range {
  readonly first: number;
  /** The stage behind the last one. */
  readonly end: number;
}

/** Stages that are run several times in a row. */
export interface StageLoop extends Range {
  readonly kind: "loop";
  readonly times: number;
  readonly reverse: boolean;
  /** The global that counts: from 0 up, or down to 0 where the loop is reversed. */
  readonly global: number;
}

/** Stages that some threads go through on their own, each as a whole; what follows waits for all. */
export interface StageShare extends Range {
  readonly kind: "share";
  readonly firstThread: number;
  readonly threads: number;
  /** The global that tells which of these threads it is, from 0 on. */
  readonly global: number;
}

/** Stages that belong together. */
export type StageRange = StageLoop | StageShare;

/** The functions that phases call, each kind once. */
export function slicesOf(stages: readonly (readonly Phase[])[]): SliceKernel[] {
  const slicesIn = ({ slices = [], inner }: Phase): readonly SliceKernel[] => [
    ...slices,
    ...inner?.phases.flatMap(slicesIn) ?? [],
  ];
  const kernels = stages.flat().flatMap(slicesIn);
  return [...new Map(kernels.map((kernel) => [sliceName(kernel), kernel])).values()];
}

/**
 * Encodes a module for `threads` threads; `control` is the address of `CONTROL_BYTES` bytes of zeros. Phases of one stage
 * do not need each other: threads may be in different ones at the same time. The memory grows as far as loads may reach.
 */
export function buildModule(
  stages: readonly (readonly Phase[])[],
  memoryMap: MemoryMap,
  options: {
    threads: number;
    control: number;
    memory: LinearMemory;
    /** How many globals there are. */
    globals?: number;
    /** Those inside of others come first. */
    ranges?: readonly StageRange[];
  },
): Uint8Array<ArrayBuffer> {
  const { threads, control, memory, globals = 0, ranges = [] } = options;
  const reach: Reach = { low: 0, high: 0 };
  const imports = slicesOf(stages).flatMap((kernel) =>
    sliceFunctions.map((name) => ({ module: sliceName(kernel), name, params: sliceParams(kernel, name) }))
  );
  const indices = new Map<Phase, number>();
  // Behind the globals of the program's loops.
  const own = { thread: globals, item: globals + 1, round: globals + 2 };
  const context: ModuleContext = {
    globals: own,
    indexOf: (phase) => indices.get(phase)!,
    sliceFunction: (kernel, name) =>
      imports.findIndex((i) => i.module === sliceName(kernel) && i.name === name),
  };
  const functions: EncodedFunction[] = [];
  const write = (phase: Phase, map: MemoryMap) => {
    const { inner } = phase;
    if (inner) {
      const counters = new Map([
        ...map.counters ?? [],
        [inner.thread, own.thread],
        [inner.item, own.item],
        ...inner.rounds ? [[inner.rounds, own.round] as const] : [],
      ]);
      inner.phases.forEach((p) => write(p, { ...map, counters }));
    }
    indices.set(phase, imports.length + functions.length);
    const name = `${functions.length} ${phase.label}`.replace(/[^\x20-\x7e]/g, "?");
    const f = new FunctionBuilder(name, ["i32", "i32"]);
    const { low, high } = phase.emit(f, map, context);
    reach.low = Math.min(reach.low, low);
    reach.high = Math.max(reach.high, high);
    functions.push(f.encode());
  };
  stages.flat().forEach((phase) => write(phase, memoryMap));
  const run = new FunctionBuilder("run", ["i32", "i32"]);
  const worker = 0;
  const times = 1;
  const filled = stages.map((stage) => stage.filter((phase) => phase.items > 0));
  const busy = filled.filter((stage) => stage.length > 0);
  const busyBefore = (at: number) => filled.slice(0, at).filter((stage) => stage.length > 0).length;
  const within = ranges.map((r) => ({ ...r, first: busyBefore(r.first), end: busyBefore(r.end) }))
    .filter((r) => r.first < r.end);
  const shares = within.filter((r) => r.kind === "share");
  const isInShare = (at: number) => shares.some((s) => s.first <= at && at < s.end);
  const isForAll = (at: number) => {
    const stage = busy[at];
    return threads > 1 && stage.some((p) => p.items > 1) &&
      stage.reduce((sum, p) => sum + p.work, 0) >= SHARED_WORK;
  };
  const portion = run.local("i32");
  /** The stages that may come next. */
  const nextOf = (at: number) => [at + 1, ...within.filter((r) => r.end === at + 1).map((r) => r.first)];
  const emitStage = (at: number) => {
    const stage = busy[at];
    const all = () => stage.forEach((p) => run.i32(0).i32(p.items).call(indices.get(p)!));
    if (threads === 1 || isInShare(at)) return all();
    if (isForAll(at)) sharePortions(run, stage, indices, threads, control, portion);
    else run.get(worker).op("i32_eqz").if(all);
    // Small stages in a row are all done by the first thread, which need not meet the others in between.
    const needsAll = (next: number) => next >= busy.length || isInShare(next) || isForAll(next);
    if (isForAll(at) || nextOf(at).some(needsAll)) barrier(run, threads, control);
  };
  const emitShare = ({ firstThread, threads: some, global }: StageShare, inside: () => void, end: number) => {
    const number = () => {
      run.get(worker);
      if (firstThread > 0) run.i32(firstThread).op("i32_sub");
    };
    const own = () => {
      number();
      run.setGlobal(global);
      inside();
    };
    // Threads before the first one have numbers that are large when unsigned.
    number();
    run.i32(some).op("i32_lt_u").if(own);
    // Others may go through the same loop in the stages that follow.
    const goesOn = shares.some((s) => s.first === end && s.firstThread > 0);
    if (!goesOn) barrier(run, threads, control);
  };
  const emitLoop = ({ times, reverse, global }: StageLoop, inside: () => void) => {
    if (times === 0) return;
    run.i32(reverse ? times - 1 : 0).setGlobal(global);
    run.doWhile(() => {
      inside();
      run.getGlobal(global).i32(reverse ? -1 : 1).op("i32_add").setGlobal(global);
      run.getGlobal(global);
      if (reverse) run.i32(0).op("i32_ge_s");
      else run.i32(times).op("i32_lt_s");
    });
  };
  const emitRange = (from: number, end: number, within: readonly StageRange[]) => {
    for (let at = from; at < end;) {
      const range = within.findLast((r) => r.first === at);
      if (!range) {
        emitStage(at++);
        continue;
      }
      const inside = () => emitRange(range.first, range.end, within.slice(0, within.indexOf(range)));
      if (range.kind === "share") emitShare(range, inside, range.end);
      else emitLoop(range, inside);
      at = range.end;
    }
  };
  run.get(worker).setGlobal(own.thread);
  run.get(times).if(() => {
    run.doWhile(() => {
      emitRange(0, busy.length, within);
      run.get(times).i32(1).op("i32_sub").tee(times);
    });
  });
  if (reach.low < 0) throw new Error(`Cannot run a program: it reads ${-reach.low} bytes below its memory`);
  memory.reach(reach.high);
  return encodeModule([...functions, run.encode()], {
    // All that there is: engines check once more what lies beyond the least size that a module asks for.
    initial: memory.pages,
    maximum: MAX_PAGES,
    shared: memory.isShared,
  }, { globals: globals + Object.keys(own).length, imports });
}

/** Threads take portions of items from one counter: first those of the first phase, then those of the next. */
function sharePortions(
  f: FunctionBuilder,
  stage: readonly Phase[],
  indices: ReadonlyMap<Phase, number>,
  threads: number,
  control: number,
  portion: number,
): void {
  const work = stage.reduce((sum, p) => sum + p.work, 0);
  // Phases that take long go first, so that the short ones fill the gaps at the end.
  const ordered = [...stage].sort((a, b) => b.work - a.work).map((phase) => {
    const wanted = Math.max(1, Math.round(threads * PORTIONS * phase.work / work));
    const size = Math.ceil(phase.items / Math.min(phase.items, wanted));
    return { phase, size, count: Math.ceil(phase.items / size) };
  });
  const total = ordered.reduce((sum, o) => sum + o.count, 0);
  f.doWhile(() => {
    f.i32(0).i32(1).memory("i32_atomic_add", control + COUNTER).tee(portion).i32(total).op("i32_lt_s").if(
      () => {
        let first = 0;
        const choose = (at: number): void => {
          const { phase, size, count } = ordered[at];
          const start = first;
          first += count;
          const call = () => {
            const begin = () => {
              f.get(portion).i32(start).op("i32_sub");
              if (size > 1) f.i32(size).op("i32_mul");
            };
            begin();
            begin();
            f.i32(size).op("i32_add").i32(phase.items);
            begin();
            f.i32(size).op("i32_add").i32(phase.items).op("i32_lt_s", "select").call(indices.get(phase)!);
          };
          if (at === ordered.length - 1) call();
          else f.get(portion).i32(first).op("i32_lt_s").if(call, () => choose(at + 1));
        };
        choose(0);
      },
    );
    f.get(portion).i32(total).op("i32_lt_s");
  });
}

function barrier(f: FunctionBuilder, threads: number, control: number): void {
  const generation = f.local("i32");
  const spins = f.local("i32");
  f.i32(0).memory("i32_atomic_load", control + GENERATION).set(generation);
  f.i32(0).i32(1).memory("i32_atomic_add", control + ARRIVED).i32(threads - 1).op("i32_eq").if(() => {
    // The last to arrive: resets the counters and lets the others go.
    f.i32(0).i32(0).memory("i32_atomic_store", control + ARRIVED);
    f.i32(0).i32(0).memory("i32_atomic_store", control + COUNTER);
    f.i32(0).i32(1).memory("i32_atomic_add", control + GENERATION).op("drop");
    // Waking is a call out of WebAssembly, so it is done only if someone sleeps.
    f.i32(0).memory("i32_atomic_load", control + SLEEPERS).if(() => {
      f.i32(0).i32(threads).memory("atomic_notify", control + GENERATION).op("drop");
    });
  }, () => {
    f.i32(SPINS).set(spins);
    f.doWhile(() => {
      f.get(spins).i32(1).op("i32_sub").set(spins);
      f.i32(0).memory("i32_atomic_load", control + GENERATION).get(generation).op("i32_eq");
      f.get(spins).i32(0).op("i32_ne", "i32_and");
    });
    const isWaiting = () =>
      f.i32(0).memory("i32_atomic_load", control + GENERATION).get(generation).op("i32_eq");
    isWaiting().if(() => {
      // Counted before the generation is looked at again: whoever changes it then sees the sleeper or is seen by it.
      f.i32(0).i32(1).memory("i32_atomic_add", control + SLEEPERS).op("drop");
      f.doWhile(() => {
        isWaiting().if(() => {
          f.i32(0).get(generation).forever().memory("atomic_wait32", control + GENERATION).op("drop");
        });
        isWaiting();
      });
      f.i32(0).i32(-1).memory("i32_atomic_add", control + SLEEPERS).op("drop");
    });
  });
}
