/** Checks that hold for every plan that the passes make; a failure is a fault of Gesso, not of its user. */
import { type Kernel, kernelStores } from "../kernel.ts";
import { kernelLoads, readsInPlace } from "./memory_plan.ts";
import type { Plan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";

/** Throws when a kernel reads what was never written, or when two tensors that are needed together overlap. */
export function verifyPlan(plan: Plan): void {
  const { kernels, waves, memory } = plan;
  checkBatches(plan);
  const lastRead = lastReads(plan);
  const written = new Set<Tensor>(plan.leaves);
  /** Arena bytes that hold a value somebody still needs, by tensor. */
  const live = new Map<Tensor, [number, number]>();
  for (const wave of new Set(waves)) {
    const together = kernels.filter((_, i) => waves[i] === wave);
    for (const kernel of together) checkReads(kernel, plan, written);
    for (const kernel of together) {
      for (const { store: { target } } of kernelStores(kernel)) {
        const slot = memory.slots.get(target);
        if (!slot) fail(kernel.label, `writes ${target.op.name}, which has no memory`);
        const isState = slot.kind === "external" && plan.leaves.includes(target);
        const others = together.filter((k) =>
          k !== kernel && kernelLoads(k).some((l) => l.source === target)
        );
        if (others.length > 0 && !plan.carries.has(target)) {
          fail(kernel.label, `writes ${target.op.name} while ${others[0].label} reads it`);
        }
        const readsOld = plan.oldReaders.get(target);
        if (isState && kernels.some((k, i) => waves[i] > wave && readsOld?.has(k))) {
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
        for (const [other, [from, to]] of live) {
          if (other === target || slot.offset >= to || slot.offset + slot.bytes <= from) continue;
          if (!diesIn(kernel, other, target, together, lastRead.get(other) === wave)) {
            fail(kernel.label, `overwrites ${other.op.name} while it is needed`);
          }
          live.delete(other);
        }
        live.set(target, [slot.offset, slot.offset + slot.bytes]);
      }
    }
    for (const kernel of together) for (const { store } of kernelStores(kernel)) written.add(store.target);
    for (const tensor of [...live.keys()]) {
      const slot = memory.slots.get(tensor)!;
      const isKept = slot.kind === "arena" && slot.offset < memory.keptBytes;
      if (!isKept && (lastRead.get(tensor) ?? -1) <= wave) live.delete(tensor);
    }
  }
}

/** Where parts of a batch may be in different steps of a loop, nothing in it may take the place of anything else. */
function checkBatches({ kernels, waves, loops, memory }: Plan): void {
  for (const { firstWave, lastWave, batch } of loops) {
    if (!batch) continue;
    const places = new Map<Tensor, { from: number; to: number }>();
    kernels.forEach((kernel, i) => {
      if (waves[i] < firstWave || waves[i] > lastWave) return;
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

/** The last wave in which each tensor is needed: of a loop, if that reads what was there before it. */
function lastReads({ kernels, waves, loops }: Plan): Map<Tensor, number> {
  const [first, last] = [new Map<Tensor, number>(), new Map<Tensor, number>()];
  kernels.forEach((kernel, i) => {
    kernelLoads(kernel).forEach((l) => last.set(l.source, waves[i]));
    for (const { store: { target } } of kernelStores(kernel)) {
      if (!first.has(target)) first.set(target, waves[i]);
    }
  });
  for (const { firstWave, lastWave } of loops) {
    for (const [tensor, wave] of last) {
      const isOlder = (first.get(tensor) ?? -1) < firstWave;
      if (isOlder && firstWave <= wave && wave <= lastWave) last.set(tensor, lastWave);
    }
  }
  return last;
}

function checkReads(kernel: Kernel, { memory }: Plan, written: ReadonlySet<Tensor>): void {
  const own = kernelStores(kernel);
  for (const { source, index, pass } of kernelLoads(kernel)) {
    if (!memory.slots.has(source)) fail(kernel.label, `reads ${source.op.name}, which has no memory`);
    if (!written.has(source) && !own.some((o) => o.store.target === source && o.pass < pass)) {
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
  together: readonly Kernel[],
  isLastWave: boolean,
): boolean {
  return isLastWave && readsInPlace(kernel, tensor, target) &&
    !together.some((k) => k !== kernel && kernelLoads(k).some((l) => l.source === tensor));
}

function fail(label: string, reason: string): never {
  throw new Error(`Cannot run kernel ${label}: it ${reason}`);
}
