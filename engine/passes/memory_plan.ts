/**
 * Memory for what a program stores. Lifetimes are known, so temporary tensors share one block, the arena: two may
 * overlap in memory when they are never needed at the same time, and a result may lie where one of its operands
 * lay when the kernel reads that one for the last time, element for element.
 */
import { bytesPerElement } from "../array.ts";
import { type Expr, visit } from "../expression/expr.ts";
import { type Kernel, kernelStores, type LoopRange } from "../kernel.ts";
import type { Tensor } from "../tensor.ts";

/** Every slot starts at a multiple of this many bytes, as WebGPU bindings have to. */
export const SLOT_ALIGNMENT = 256;

/** Where a tensor's memory is. */
export type Slot =
  /** A buffer of its own that outlives the run: state, an input, a constant, an output. */
  | { readonly kind: "external"; readonly bytes: number }
  /** A part of the arena. */
  | { readonly kind: "arena"; readonly offset: number; readonly bytes: number };

/** The memory of a program. */
export interface MemoryPlan {
  readonly slots: ReadonlyMap<Tensor, Slot>;
  /** Size of the arena. */
  readonly arenaBytes: number;
  /** The arena is in parts of so many bytes; no slot is in two. */
  readonly partBytes: number;
  /** The most bytes of temporaries that are needed at one time: no plan can do with less. */
  readonly liveBytes: number;
  /** The part at the arena's start that keeps its contents between runs (packs, whose gaps stay zero). */
  readonly keptBytes: number;
}

/** Bytes of a slot for this tensor. */
export function slotBytes(tensor: Tensor): number {
  const bytes = tensor.size * bytesPerElement(tensor.dtype);
  return Math.max(1, Math.ceil(bytes / SLOT_ALIGNMENT)) * SLOT_ALIGNMENT;
}

/** A load in a kernel. */
export interface KernelLoad {
  readonly source: Tensor;
  readonly index: Expr;
  /** Whether the contraction reads it, at places of its own. */
  readonly operand: boolean;
  /** When, as stores are counted; what is read before the first sweep is read in sweep 0. */
  readonly sweep: number;
}

const known = new WeakMap<Kernel, readonly KernelLoad[]>();

/** Every load in a kernel. */
export function kernelLoads(kernel: Kernel): readonly KernelLoad[] {
  const found = known.get(kernel) ?? findLoads(kernel);
  known.set(kernel, found);
  return found;
}

function findLoads(kernel: Kernel): KernelLoad[] {
  const loads: KernelLoad[] = [];
  const collect = (roots: Expr[], operand: boolean, sweep = 0) =>
    visit(roots, (e) => {
      if (e.op === "load") loads.push({ source: e.source as Tensor, index: e.args[0], operand, sweep });
    });
  collect(kernel.accumulators.map((a) => a.value), false);
  kernel.sweeps.forEach((p, i) =>
    collect([...p.accumulators, ...p.stores].map((x) => x.value), false, i + 1)
  );
  collect(kernel.stores.map((s) => s.value), false, kernel.sweeps.length + 1);
  if (kernel.contraction) {
    const { left, right } = kernel.contraction;
    collect([left, right].map((side) => side.at(side.index)), true);
  }
  return loads;
}

/**
 * Whether a kernel reads a tensor only where, and before, it writes each element of a target: then both may have the same
 * memory.
 */
export function readsInPlace(kernel: Kernel, tensor: Tensor, target: Tensor): boolean {
  const writes = kernelStores(kernel).filter(({ store }) => store.target === target);
  const first = Math.min(...writes.map(({ sweep }) => sweep));
  return kernelLoads(kernel).every(({ source, index, operand, sweep }) =>
    source !== tensor || !operand && sweep <= first && writes.every(({ store }) => store.index === index)
  );
}

interface Life {
  readonly tensor: Tensor;
  readonly bytes: number;
  from: number;
  to: number;
  /** The kernels that read it in that last level. */
  readonly lastReaders: Set<Kernel>;
  /** The life whose memory this one goes on using: the first one there. */
  host: Life | undefined;
}

/**
 * Gives every stored tensor its memory. `external` tensors have buffers of their own, `kept` live for ever. Kernels of one
 * level may run at the same time; without levels each has its own. Loops, ranges of levels, come after those inside of them.
 * No slot crosses a multiple of `partBytes`, unless it is longer itself.
 */
export function planMemory(
  kernels: readonly Kernel[],
  external: ReadonlySet<Tensor>,
  kept: ReadonlySet<Tensor>,
  levels: readonly number[] = kernels.map((_, i) => i),
  loops: readonly Pick<LoopRange, "firstLevel" | "lastLevel" | "batch">[] = [],
  partBytes = Infinity,
): MemoryPlan {
  const lives = new Map<Tensor, Life>();
  const slots = new Map<Tensor, Slot>();
  for (const tensor of external) slots.set(tensor, { kind: "external", bytes: slotBytes(tensor) });
  let keptBytes = 0;
  for (const tensor of kept) {
    const bytes = slotBytes(tensor);
    const offset = withinPart(keptBytes, bytes, partBytes);
    slots.set(tensor, { kind: "arena", offset, bytes });
    keptBytes = offset + bytes;
  }
  kernels.forEach((kernel, i) => {
    const step = levels[i];
    for (const { source } of kernelLoads(kernel)) {
      const life = lives.get(source);
      if (!life) continue;
      if (life.to !== step) life.lastReaders.clear();
      life.to = step;
      life.lastReaders.add(kernel);
    }
    for (const { store: { target } } of kernelStores(kernel)) {
      if (slots.has(target) || lives.has(target)) continue;
      const lastReaders = new Set<Kernel>();
      lives.set(target, {
        tensor: target,
        bytes: slotBytes(target),
        from: step,
        to: step,
        lastReaders,
        host: undefined,
      });
    }
  });
  for (const loop of loops) for (const life of lives.values()) stretch(life, loop);
  kernels.forEach((kernel, i) => shareInPlace(kernel, levels[i], lives));

  const hostOf = (life: Life): Life => life.host ?? life;
  // A host lives as long as the last tensor in it.
  for (const life of lives.values()) hostOf(life).to = Math.max(hostOf(life).to, life.to);
  const hosts = [...lives.values()].filter((life) => !life.host);
  const { offsets, end } = packLives(hosts, keptBytes, partBytes);
  for (const life of lives.values()) {
    slots.set(life.tensor, { kind: "arena", offset: offsets.get(hostOf(life))!, bytes: life.bytes });
  }
  const liveBytes = keptBytes + mostAtOnce(hosts, levels);
  return { slots, arenaBytes: end, partBytes, liveBytes, keptBytes };
}

/** The most bytes that are needed in one of the levels, which rise. */
function mostAtOnce(lives: readonly Life[], levels: readonly number[]): number {
  const begins = lives.toSorted((a, b) => a.from - b.from);
  const ends = lives.toSorted((a, b) => a.to - b.to);
  let [begun, ended, bytes, most] = [0, 0, 0, 0];
  for (const level of levels) {
    while (begun < begins.length && begins[begun].from <= level) bytes += begins[begun++].bytes;
    while (ended < ends.length && ends[ended].to < level) bytes -= ends[ended++].bytes;
    most = Math.max(most, bytes);
  }
  return most;
}

/**
 * What is there before a loop and read in it, or made in it and read behind it, is needed in all of its levels. So is all that
 * is made in a loop whose steps are gone through for parts of a batch: each part may be in another step.
 */
function stretch(
  life: Life,
  { firstLevel, lastLevel, batch }: Pick<LoopRange, "firstLevel" | "lastLevel" | "batch">,
): void {
  const isMadeInside = firstLevel <= life.from && life.from <= lastLevel;
  if (isMadeInside && (batch || life.to > lastLevel)) life.from = firstLevel;
  // Beyond the last level, as nothing may take its place there: the next step needs it again.
  const isNeededAgain = life.from < firstLevel || isMadeInside && batch !== undefined;
  if (isNeededAgain && life.to >= firstLevel) life.to = Math.max(life.to, lastLevel + 0.5);
}

/** Lets results take the place of operands that are read for the last time, element for element. */
function shareInPlace(kernel: Kernel, step: number, lives: ReadonlyMap<Tensor, Life>): void {
  const taken = new Set<Life>();
  const loads = kernelLoads(kernel);
  for (const { store } of kernelStores(kernel)) {
    const life = lives.get(store.target);
    if (!life || life.from !== step || life.host || store.tensor !== store.target) continue;
    for (const candidate of new Set(loads.map((l) => lives.get(l.source)))) {
      if (!candidate || candidate === life || taken.has(candidate)) continue;
      const dies = candidate.to === step && candidate.from !== step && candidate.lastReaders.size === 1;
      if (!dies || candidate.bytes !== life.bytes) continue;
      if (candidate.tensor.dtype !== life.tensor.dtype) continue;
      if (!readsInPlace(kernel, candidate.tensor, store.target)) continue;
      life.host = candidate.host ?? candidate;
      taken.add(candidate);
      break;
    }
  }
}

/** The first offset from one on at which a slot of some bytes is within a part. */
function withinPart(offset: number, bytes: number, partBytes: number): number {
  const isWithin = Math.floor(offset / partBytes) === Math.floor((offset + bytes - 1) / partBytes);
  return isWithin ? offset : Math.ceil(offset / partBytes) * partBytes;
}

/** First fit, largest first: each life at the lowest offset that is free for all of its time. */
function packLives(
  hosts: readonly Life[],
  start: number,
  partBytes: number,
): { offsets: Map<Life, number>; end: number } {
  const offsets = new Map<Life, number>();
  /** All that have a place, by rising offset. */
  const placed: { readonly life: Life; readonly at: number; readonly end: number }[] = [];
  let end = start;
  for (const life of hosts.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    let offset = withinPart(start, life.bytes, partBytes);
    let next = 0;
    for (; next < placed.length && placed[next].at < offset + life.bytes; next++) {
      const { life: other, end } = placed[next];
      const isApart = other.to < life.from || life.to < other.from;
      if (!isApart && end > offset) offset = withinPart(end, life.bytes, partBytes);
    }
    offsets.set(life, offset);
    while (next > 0 && placed[next - 1].at > offset) next--;
    placed.splice(next, 0, { life, at: offset, end: offset + life.bytes });
    end = Math.max(end, offset + life.bytes);
  }
  return { offsets, end };
}
