/**
 * Which stored tensors are computed by one kernel. A contraction or a reduction takes in the maps behind it that
 * read its result element for element (its epilogue); reductions over the same loops share a kernel; a pooling
 * window behind a contraction is reduced while its values are at hand; maps of one size that read the same
 * things share a kernel, and so do reductions of rows and maps over them. No group ever depends on itself through
 * another.
 */
import { topological, viewed } from "../graph/graph.ts";
import { sizeOf } from "../shape.ts";
import type { ReduceBody, Tensor } from "../tensor.ts";
import { CandidateIndex } from "./fuse_candidates.ts";
import { fitsRows } from "./fuse_rows.ts";
import { type Group, GroupGraph, isMapGroup } from "./group.ts";
import { mergeSingleNumbers } from "./merge_single_numbers.ts";
import { type Reads, readsOf } from "./reads.ts";
import { isScattered } from "./scatter.ts";
import {
  chooseStored,
  type FusePolicy,
  LONGEST_CHAIN,
  overOf,
  sameLoops,
  usersOf,
} from "./storage_choice.ts";

/** The result of fusion. */
export interface Fused {
  readonly groups: readonly Group[];
  readonly groupOf: ReadonlyMap<Tensor, Group>;
  readonly packs: readonly Tensor[];
  /** What each stored tensor loads. */
  readonly reads: ReadonlyMap<Tensor, Reads>;
  /** The groups whose results a group needs. */
  needsOf(group: Group): ReadonlySet<Group>;
}

/** Groups all that the roots need into kernels. */
export function fuse(roots: readonly Tensor[], policy: FusePolicy): Fused {
  const order = topological(roots);
  const users = usersOf(order);
  const rootSet = new Set(roots.map(viewed));
  const { stored, chains } = chooseStored(order, rootSet, users, policy);
  const reads = readsOf(order, stored);
  const readers = new Map<Tensor, Tensor[]>();
  for (const tensor of reads.keys()) {
    for (const t of allOf(tensor)) {
      const known = readers.get(t);
      if (known) known.push(tensor);
      else readers.set(t, [tensor]);
    }
  }

  const groups: Group[] = [];
  const graph = new GroupGraph();
  const groupOf = new Map<Tensor, Group>();
  /** All that a group touches. */
  const operands = new Map<Group, Set<Tensor>>();
  /** The number of a group, in the order of their beginnings. */
  const numbers = new Map<Group, number>();
  const candidates = new CandidateIndex((group) => operands.get(group)!.size < policy.maxOperands);
  /** Maps within each other in the expression for a tensor in its kernel. */
  const depths = new Map<Tensor, number>();

  for (const tensor of reads.keys()) {
    const { kind } = tensor.op.body;
    if (kind === "pack") continue;
    if (kind === "result") {
      join(tensor, groupOf.get(tensor.inputs[0])!);
      continue;
    }
    const host = hostOf(tensor);
    if (host) join(tensor, host);
    else start(tensor);
  }

  const position = new Map(order.map((t, i) => [t, i]));
  const gone = mergeSingleNumbers(groups, graph, (a, b) => position.get(a)! - position.get(b)!);
  for (const [group, host] of gone) for (const m of group.members) groupOf.set(m, host);
  const left = groups.filter((g) => !gone.has(g));
  for (const group of left) {
    group.stores = group.loop
      ? group.members.slice(1)
      : group.members.filter((m) =>
        rootSet.has(m) || users.get(m)!.some((u) => u.op.body.kind === "pack") ||
        (readers.get(m) ?? []).some((r) => groupOf.get(r) !== group)
      );
  }
  const packs = order.filter((t) => t.op.body.kind === "pack");
  return { groups: left, groupOf, packs, reads, needsOf: (group) => graph.needsOf(group) };

  function allOf(tensor: Tensor): Tensor[] {
    const { same, other } = reads.get(tensor)!;
    return [...same, ...other];
  }

  /** The groups that a tensor needs; those of a pack's pieces stand for it. */
  function groupsBehind(tensor: Tensor): Set<Group> {
    const found = new Set<Group>();
    for (const t of allOf(tensor)) {
      for (const part of t.op.body.kind === "pack" ? t.inputs.map(viewed) : [t]) {
        const group = groupOf.get(part);
        if (group) found.add(group);
      }
    }
    return found;
  }

  function depthIn(tensor: Tensor, group: Group): number {
    const inside = allOf(tensor).map((t) => groupOf.get(t) === group ? depths.get(t)! : 0);
    return chains.get(tensor)! + Math.max(0, ...inside);
  }

  function join(tensor: Tensor, group: Group): void {
    depths.set(tensor, depthIn(tensor, group));
    for (const needed of groupsBehind(tensor)) graph.connect(group, needed);
    group.members.push(tensor);
    if (tensor.op.body.kind === "reduce") group.reduces.push(tensor);
    groupOf.set(tensor, group);
    const touched = operands.get(group)!.add(tensor);
    for (const t of allOf(tensor)) touched.add(t);
    if (isMapGroup(group)) {
      for (const t of allOf(tensor)) candidates.add(mapKey(tensor, t), group);
    } else if (tensor.op.body.kind === "reduce" && !group.contraction) {
      candidates.add(loopsKey(tensor), group);
    }
  }

  function start(tensor: Tensor): void {
    const { kind } = tensor.op.body;
    const group: Group = {
      contraction: kind === "contraction" ? tensor : undefined,
      loop: kind === "loop" ? tensor : undefined,
      isScattered: isScattered(tensor, policy.split.scatter),
      reduces: [],
      members: [],
      stores: [],
    };
    numbers.set(group, groups.push(group));
    graph.add(group);
    operands.set(group, new Set());
    join(tensor, group);
  }

  /** The group that is to compute a map or a reduction, too. */
  function hostOf(tensor: Tensor): Group | undefined {
    const { kind } = tensor.op.body;
    if (kind !== "map" && kind !== "reduce") return undefined;
    const rows = rowHost(tensor);
    if (rows) {
      rows.wide ??= new Set();
      if (kind === "map") rows.wide.add(tensor);
      return rows;
    }
    const { same, other } = reads.get(tensor)!;
    if (kind === "map") {
      const behind = [...same].flatMap((t) => groupOf.get(t) ?? []);
      behind.sort((a, b) => numbers.get(b)! - numbers.get(a)!);
      return behind.find((g) => canJoin(tensor, g)) ?? alike(allOf(tensor).map((t) => mapKey(tensor, t)));
    }
    return windowHost(tensor, other) ?? alike([loopsKey(tensor)]);

    function alike(keys: readonly string[]): Group | undefined {
      const found = candidates.find(keys).filter((g) =>
        kind === "map" || sameLoops(g.reduces[0], tensor) && isBestTogether(tensor, g)
      );
      found.sort((a, b) => numbers.get(a)! - numbers.get(b)!);
      return found.find((g) => canJoin(tensor, g));
    }
  }

  /** Whether a reduction is better in a kernel of others than by itself, as soon as what it reads is there. */
  function isBestTogether(tensor: Tensor, group: Group): boolean {
    const { longAlone = Infinity } = policy;
    if (tensor.size * sizeOf(overOf(tensor)) < longAlone) return true;
    return allOf(tensor).some((t) => t.size > tensor.size && operands.get(group)!.has(t));
  }

  /** Whether the group can also compute `tensor`, which reads the group's members element for element only. */
  function canJoin(tensor: Tensor, group: Group): boolean {
    return ![...reads.get(tensor)!.other].some((t) => groupOf.get(t) === group) && mayJoin(tensor, group);
  }

  /** Whether the group can also compute `tensor`, if it has what that reads of the group. */
  function mayJoin(tensor: Tensor, group: Group): boolean {
    if (group.loop || group.isScattered || isScattered(tensor, policy.split.scatter)) return false;
    if (depthIn(tensor, group) > 2 * LONGEST_CHAIN) return false;
    const all = allOf(tensor);
    const touched = operands.get(group)!;
    if (touched.size + [tensor, ...all].filter((t) => !touched.has(t)).length > policy.maxOperands) {
      return false;
    }
    const isPiece = (t: Tensor) =>
      t.op.body.kind === "pack" && t.inputs.some((p) => groupOf.get(viewed(p)) === group);
    return !all.some(isPiece) && !graph.reach(groupsBehind(tensor), [group]);
  }

  /** The group that goes over the rows that this goes along, too. */
  function rowHost(tensor: Tensor): Group | undefined {
    if (!policy.rows) return undefined;
    const near = new Set(allOf(tensor).flatMap((t) => groupOf.get(t) ?? []));
    return [...near].find((g) =>
      fitsRows(tensor, g, policy.rows, (t) => stored.has(t)) && mayJoin(tensor, g)
    );
  }

  /** The contraction whose results this reduction pools, if nothing else needs them. */
  function windowHost(tensor: Tensor, other: ReadonlySet<Tensor>): Group | undefined {
    if (!isWindow(tensor, policy)) return undefined;
    for (const source of other) {
      if (source.op.body.kind !== "contraction" || rootSet.has(source)) continue;
      const group = groupOf.get(source)!;
      // All readers have to be such windows and to read the same, so that what holds for the first holds for all.
      const shared = readers.get(source)!.every((r) =>
        isWindow(r, policy) && sameLoops(r, tensor) && sameSet(reads.get(r)!.other, other)
      );
      const rest = [...other].filter((t) => t !== source).flatMap((t) => groupOf.get(t) ?? []);
      if (shared && !rest.includes(group) && !graph.reach(rest, [group])) return group;
    }
    return undefined;
  }
}

/** What two maps have in common that may share a kernel: their size, and something that both read. */
const mapKey = (map: Tensor, read: Tensor) => `${map.size} of ${read.id}`;

/** What two reductions have in common that may share a kernel. */
const loopsKey = (reduce: Tensor) => `${reduce.shape} over ${overOf(reduce)}`;

const sameSet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>) =>
  a.size === b.size && [...a].every((t) => b.has(t));

function isWindow(tensor: Tensor, policy: FusePolicy): boolean {
  const body = tensor.op.body;
  if (body.kind !== "reduce" || !(body as ReduceBody<unknown>).disjoint?.(tensor.attrs)) return false;
  return overOf(tensor).reduce((a, b) => a * b, 1) <= policy.windowLimit;
}
