/** Checks that hold for every plan that the passes make; a failure is a fault of Gesso, not of its user. */
import { type Kernel, kernelStores } from "../kernel.ts";
import { LiveRanges } from "./live_ranges.ts";
import { kernelLoads, readsInPlace } from "./memory_plan.ts";
import type { Plan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";
import { inLevels } from "../levels.ts";

/** Throws when a kernel reads what was never written, or when two tensors that are needed together overlap. */
export function verifyPlan(plan: Plan): void {
  const { kernels, levels, memory } = plan;
  checkBatches(plan);
  const lastRead = lastReads(plan);
  const lastOldRead = lastOldReads(plan);
  const leaves = new Set(plan.leaves);
  const written = new Set<Tensor>(plan.leaves);
  const live = new LiveRanges();
  /** What is needed for the last time in a level. */
  const dying = new Map<number, { tensor: Tensor; from: number }[]>();
  for (const [level, together] of inLevels(kernels, levels)) {
    const readers = readersIn(together);
    for (const kernel of together) checkReads(kernel, plan, written);
    for (const kernel of together) {
      for (const { store: { target } } of kernelStores(kernel)) {
        const slot = memory.slots.get(target);
        if (!slot) fail(kernel.label, `writes ${target.op.name}, which has no memory`);
        const other = [...readers.get(target) ?? []].find((k) => k !== kernel);
        if (other && !plan.carries.has(target)) {
          fail(kernel.label, `writes ${target.op.name} while ${other.label} reads it`);
        }
        const isState = slot.kind === "external" && leaves.has(target);
        if (isState && (lastOldRead.get(target) ?? -1) > level) {
          fail(kernel.label, "overwrites state that is read later");
        }
        if (slot.kind !== "arena") continue;
        if (slot.offset + slot.bytes > memory.arenaBytes) fail(kernel.label, "writes beyond the arena");
        const [first, last] = [slot.offset, slot.offset + slot.bytes - 1].map((at) =>
          Math.floor(at / memory.partBytes)
        );
        if (first !== last && slot.bytes <= memory.partBytes) {
          fail(kernel.label, "writes into two parts of the arena");
        }
        for (const other of live.within(slot.offset, slot.offset + slot.bytes)) {
          if (other === target) continue;
          const isLast = lastRead.get(other) === level;
          if (!isLast || !diesIn(kernel, other, target, readers.get(other))) {
            fail(kernel.label, `overwrites ${other.op.name} while it is needed`);
          }
        }
        live.put(target, slot.offset, slot.offset + slot.bytes);
        if (slot.offset < memory.keptBytes) continue;
        const end = Math.max(level, lastRead.get(target) ?? -1);
        const known = dying.get(end) ?? [];
        if (known.push({ tensor: target, from: slot.offset }) === 1) dying.set(end, known);
      }
    }
    for (const kernel of together) for (const { store } of kernelStores(kernel)) written.add(store.target);
    for (const { tensor, from } of dying.get(level) ?? []) live.remove(tensor, from);
  }
}

/** Where parts of a batch may be in different steps of a loop, nothing in it may take the place of anything else. */
function checkBatches({ kernels, levels, loops, memory }: Plan): void {
  for (const { firstLevel, lastLevel, batch } of loops) {
    if (!batch) continue;
    const places = new Map<Tensor, { from: number; to: number }>();
    kernels.forEach((kernel, i) => {
      if (levels[i] < firstLevel || levels[i] > lastLevel) return;
      for (const { store: { target } } of kernelStores(kernel)) {
        const slot = memory.slots.get(target);
        if (slot?.kind !== "arena") continue;
        const [from, to] = [slot.offset, slot.offset + slot.bytes];
        for (const [other, place] of places) {
          if (other !== target && from < place.to && place.from < to) {
            fail(kernel.label, `overwrites ${other.op.name}, which another part of the batch may need`);
          }
        }
        places.set(target, { from, to });
      }
    });
  }
}

/** The last level in which each tensor is needed: of a loop, if that reads what was there before it. */
function lastReads({ kernels, levels, loops }: Plan): Map<Tensor, number> {
  const [first, last] = [new Map<Tensor, number>(), new Map<Tensor, number>()];
  kernels.forEach((kernel, i) => {
    kernelLoads(kernel).forEach((l) => last.set(l.source, levels[i]));
    for (const { store: { target } } of kernelStores(kernel)) {
      if (!first.has(target)) first.set(target, levels[i]);
    }
  });
  for (const { firstLevel, lastLevel } of loops) {
    for (const [tensor, level] of last) {
      const isOlder = (first.get(tensor) ?? -1) < firstLevel;
      if (isOlder && firstLevel <= level && level <= lastLevel) last.set(tensor, lastLevel);
    }
  }
  return last;
}

function checkReads(kernel: Kernel, { memory }: Plan, written: ReadonlySet<Tensor>): void {
  const own = kernelStores(kernel);
  for (const { source, index, sweep } of kernelLoads(kernel)) {
    if (!memory.slots.has(source)) fail(kernel.label, `reads ${source.op.name}, which has no memory`);
    if (!written.has(source) && !own.some((o) => o.store.target === source && o.sweep < sweep)) {
      fail(kernel.label, `reads ${source.op.name} before it is written`);
    }
    if (index.op === "const" && (index.value < 0 || index.value >= Math.max(1, source.size))) {
      fail(kernel.label, `reads element ${index.value} of ${source.op.name} with ${source.size}`);
    }
  }
}

/** Whether only this kernel still reads a tensor, and only where it writes the target. */
function diesIn(
  kernel: Kernel,
  tensor: Tensor,
  target: Tensor,
  readers: ReadonlySet<Kernel> | undefined,
): boolean {
  return readsInPlace(kernel, tensor, target) && [...readers ?? []].every((k) => k === kernel);
}

/** Which of some kernels read each tensor. */
function readersIn(kernels: readonly Kernel[]): Map<Tensor, Set<Kernel>> {
  const readers = new Map<Tensor, Set<Kernel>>();
  for (const kernel of kernels) {
    for (const { source } of kernelLoads(kernel)) {
      const known = readers.get(source);
      if (known) known.add(kernel);
      else readers.set(source, new Set([kernel]));
    }
  }
  return readers;
}

/** The last level in which the old value of each state is read. */
function lastOldReads({ kernels, levels, oldReaders }: Plan): Map<Tensor, number> {
  const levelOf = new Map(kernels.map((kernel, i) => [kernel, levels[i]]));
  return new Map(
    [...oldReaders].map(([state, readers]) => [
      state,
      [...readers].reduce((last, kernel) => Math.max(last, levelOf.get(kernel) ?? -1), -1),
    ]),
  );
}

function fail(label: string, reason: string): never {
  throw new Error(`Cannot run kernel ${label}: it ${reason}`);
}
