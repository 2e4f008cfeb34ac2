/**
 * All passes in a row: from traced roots to kernels in order, with their memory. Nothing here touches a device.
 *
 *     simplify -> read stand-ins -> split long sums -> fuse -> schedule -> lower -> plan memory
 */
import { copyOf } from "./copy.ts";
import type { Placement } from "./evaluate.ts";
import { type ExprTable, newExprTable } from "./expr.ts";
import { fuse } from "./fuse.ts";
import { topological, viewed } from "./graph.ts";
import type { Kernel } from "./kernel.ts";
import { lowerGroup } from "./lower_group.ts";
import { type MemoryPlan, planMemory } from "./memory_plan.ts";
import { schedule, type Updates } from "./schedule.ts";
import { simplify } from "./simplify.ts";
import { splitSums } from "./split_sums.ts";
import { readStandIns } from "./stand_ins.ts";
import type { FusePolicy } from "./storage_choice.ts";
import { leafAttrs, type PackBody, type Tensor } from "./tensor.ts";

/** What a traced program returns. */
export interface Traced {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: Updates;
}

/** A program that a device can be given. */
export interface Plan {
  /** The expressions of its kernels. */
  readonly exprs: ExprTable;
  readonly kernels: readonly Kernel[];
  /** The wave of each kernel, rising; kernels of one wave do not need each other. */
  readonly waves: readonly number[];
  readonly memory: MemoryPlan;
  /** For state that is updated where it lies, the kernels that read its old value; the others read the new one. */
  readonly oldReaders: ReadonlyMap<Tensor, ReadonlySet<Kernel>>;
  /** State, inputs and constants that kernels read or write. */
  readonly leaves: readonly Tensor[];
  /** For each output, the tensor whose memory holds it. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Nodes of the graph after simplification. */
  readonly nodes: number;
  /** Floating-point operations of one run. */
  readonly flops: number;
}

/**
 * Plans a program. Expressions are compared by identity, so a device goes on with the plan's table of them
 * (`useExprTable`) when it has awaited something.
 */
export function plan(traced: Traced, policy: FusePolicy): Plan {
  const exprs = newExprTable();
  const names = Object.keys(traced.outputs);
  const states = [...traced.updates.keys()];
  const given = [...names.map((n) => traced.outputs[n]), ...states.map((s) => traced.updates.get(s)!)];
  const simple = simplify(given, policy.rows);
  const read = readStandIns(simple);
  const roots = splitSums(
    read.some((t, i) => t !== simple[i]) ? simplify(read, policy.rows) : simple,
    policy.split,
  );
  const outputs = names.map((_, i) => needsCopy(roots[i]) ? copyOf(roots[i]) : roots[i]);
  const taken = new Set<Tensor>();
  const used = new Set(topological(roots).flatMap((t) => t.inputs));
  const updates = new Map(states.map((state, i) => {
    const value = roots[names.length + i];
    const source = viewed(value);
    const again = taken.has(source) || source !== state && (needsCopy(value) || isSharedNumber(value, used));
    taken.add(source);
    return [state, again ? copyOf(value) : value];
  }));
  const all = [...outputs, ...updates.values()];
  const order = topological(all);

  const fused = fuse(all, policy);
  const { groups, waves: groupWaves, inPlace, copies, oldReaders } = schedule(fused, updates);
  const placementOf = placements(fused.packs, new Set([...fused.groupOf.keys(), ...fused.packs]), inPlace);
  const kernels: Kernel[] = groups.map((g) => lowerGroup(g, placementOf));
  const waves = [...groupWaves];
  const last = (waves.at(-1) ?? -1) + 1;
  for (const [state, update] of copies) {
    waves.push(last);
    const copy = copyOf(update);
    const group = { contraction: undefined, reduces: [], members: [copy], stores: [copy] };
    kernels.push(lowerGroup(group, (t) => t === copy ? { target: state, offset: 0 } : placementOf(t)));
  }

  const leaves = order.filter((t) => leafAttrs(t) && typeof leafAttrs(t)!.data !== "number");
  const known = new Set([...leaves, ...states]);
  const homes = outputs.map((o) => placementOf(viewed(o))!.target);
  const external = new Set<Tensor>([...known, ...homes]);
  const memory = planMemory(kernels, external, new Set(fused.packs.filter((p) => !external.has(p))), waves);
  return {
    exprs,
    kernels,
    waves,
    memory,
    oldReaders: new Map(
      [...oldReaders].map((
        [state, readers],
      ) => [state, new Set(readers.map((g) => kernels[groups.indexOf(g)]))]),
    ),
    leaves: [...known],
    outputs: Object.fromEntries(names.map((n, i) => [n, homes[i]])),
    nodes: order.length,
    flops: kernels.reduce((sum, k) => sum + k.flops, 0),
  };
}

/** Leaves have memory that is not the program's to hand out, or none. */
function needsCopy(root: Tensor): boolean {
  return viewed(root).op.body.kind === "leaf";
}

/**
 * New state of one element that other kernels use too: they may as well compute it again, so that it need not be written
 * before all who want the old value have read that.
 */
function isSharedNumber(root: Tensor, used: ReadonlySet<Tensor>): boolean {
  return root.size === 1 && root.op.body.kind === "map" && used.has(root);
}

/** Where each stored tensor is kept: in its own memory, in the state it updates, or as a piece of a pack. */
function placements(
  packs: readonly Tensor[],
  stored: ReadonlySet<Tensor>,
  inPlace: ReadonlyMap<Tensor, Tensor>,
): (tensor: Tensor) => Placement | undefined {
  const known = new Map<Tensor, Placement>();
  for (const [value, state] of inPlace) known.set(value, { target: state, offset: 0 });
  for (const pack of packs) {
    const offsets = (pack.op.body as PackBody<unknown>).offsets(pack.attrs);
    pack.inputs.forEach((piece, i) => known.set(viewed(piece), { target: pack, offset: offsets[i] }));
  }
  return (tensor) => {
    const placed = known.get(tensor);
    if (placed) return placed;
    const isLeaf = tensor.op.body.kind === "leaf";
    return stored.has(tensor) || isLeaf ? { target: tensor, offset: 0 } : undefined;
  };
}
