/**
 * All passes in a row: from traced roots to kernels in order, with their memory. Nothing here touches a device.
 *
 *     simplify -> settle loops -> read compact forms -> split long sums -> fuse -> schedule -> lower -> plan memory
 */
import { topological, viewed } from "./graph/graph.ts";
import { type Kernel, kernelStores, type LoopRange } from "./kernel.ts";
import { GraphLowering } from "./passes/lower_graph.ts";
import { kernelLoads, type MemoryPlan, planMemory } from "./passes/memory_plan.ts";
import { passesBeforeFusion } from "./passes/before_fusion.ts";
import { OwnMemory, withOwnMemory } from "./passes/own_memory.ts";
import type { Updates } from "./passes/schedule.ts";
import { settleLoops } from "./passes/settle_loops.ts";
import { simplify } from "./passes/simplify.ts";
import type { FusePolicy } from "./passes/storage_choice.ts";
import { leafAttrs, type Tensor } from "./tensor.ts";

/** What a traced program returns. */
export interface Traced {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: Updates;
}

/** A program that a device can be given. */
export interface Plan {
  readonly kernels: readonly Kernel[];
  /** The level of each kernel, rising; kernels of one level do not need each other. */
  readonly levels: readonly number[];
  /** Levels that are run several times in a row: what is inside of another comes first. */
  readonly loops: readonly LoopRange[];
  /** Memory that the steps of loops hand on. */
  readonly carries: ReadonlySet<Tensor>;
  readonly memory: MemoryPlan;
  /** For state that is updated where it lies, the kernels that read its old value; the others read the new one. */
  readonly oldReaders: ReadonlyMap<Tensor, ReadonlySet<Kernel>>;
  /** State, inputs and constants that kernels read or write. */
  readonly leaves: readonly Tensor[];
  /** For each output, the tensor whose memory holds it. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Nodes of the graph after simplification. */
  readonly nodes: number;
  /** Kernels that are started in one run: those of a loop in each of its steps. */
  readonly dispatches: number;
  /** Floating-point operations of one run. */
  readonly flops: number;
}

/** Plans a program. */
export function plan(traced: Traced, policy: FusePolicy): Plan {
  const names = Object.keys(traced.outputs);
  const states = [...traced.updates.keys()];
  const given = [...names.map((n) => traced.outputs[n]), ...states.map((s) => traced.updates.get(s)!)];
  const roots = passesBeforeFusion(settleLoops(simplify(given, policy.rows), policy.rows), policy);
  const outputs = names.map((_, i) => withOwnMemory(roots[i]));
  const used = new Set(topological(roots).flatMap((t) => t.inputs));
  const memories = new OwnMemory();
  const updates = new Map(
    states.map((state, i) => [state, memories.ofState(state, roots[names.length + i], used)] as const),
  );
  const all = [...outputs, ...updates.values()];
  const order = topological(all);

  const lowering = new GraphLowering(policy);
  lowering.add(all, updates);
  const { kernels, levels, loops, packs, carries, oldReaders, placementOf } = lowering;
  const leaves = order.filter((t) => leafAttrs(t) && typeof leafAttrs(t)!.data !== "number");
  const known = new Set([...leaves, ...states]);
  const hosts = outputs.map((o) => placementOf(viewed(o))!.target);
  const external = new Set<Tensor>([...known, ...hosts]);
  const kept = new Set(packs.filter((p) => !external.has(p)));
  const memory = planMemory(kernels, external, kept, levels, loops, policy.arenaPart);
  const times = levels.map((level) =>
    loops.reduce((n, l) => l.firstLevel <= level && level <= l.lastLevel ? n * l.times : n, 1)
  );
  return {
    kernels,
    levels,
    loops,
    carries,
    memory,
    oldReaders,
    leaves: [...known],
    outputs: Object.fromEntries(names.map((n, i) => [n, hosts[i]])),
    nodes: order.length,
    dispatches: times.reduce((sum, n) => sum + n, 0),
    flops: kernels.reduce((sum, k, i) => sum + k.flops * times[i], 0),
  };
}

/** The plan with one of its kernels alone: to time it, say. Loops around it make one step. */
export function planOfOne(plan: Plan, kernel: Kernel): Plan {
  const level = plan.levels[plan.kernels.indexOf(kernel)];
  const loops = plan.loops.filter((l) => l.firstLevel <= level && level <= l.lastLevel)
    .map((l) => ({ ...l, times: 1, firstLevel: 0, lastLevel: 0 }));
  const memory = memoryOfOne(plan.memory, kernel);
  return { ...plan, kernels: [kernel], levels: [0], loops, memory, dispatches: 1, flops: kernel.flops };
}

/** What a kernel touches, closer together: what shared memory goes on to. */
function memoryOfOne(memory: MemoryPlan, kernel: Kernel): MemoryPlan {
  const slots = new Map(memory.slots);
  const places = new Map<number, number>();
  let end = 0;
  const touched = [
    ...kernelLoads(kernel).map(({ source }) => source),
    ...kernelStores(kernel).map(({ store }) => store.target),
  ];
  for (const tensor of touched) {
    const slot = memory.slots.get(tensor);
    if (slot?.kind !== "arena") continue;
    if (!places.has(slot.offset)) {
      places.set(slot.offset, end);
      end += slot.bytes;
    }
    slots.set(tensor, { ...slot, offset: places.get(slot.offset)! });
  }
  return { ...memory, slots, arenaBytes: end };
}
