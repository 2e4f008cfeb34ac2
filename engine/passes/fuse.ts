/**
 * Which stored tensors are computed by one kernel. A contraction or a reduction takes in the maps behind it that
 * read its result element for element (its epilogue); reductions over the same loops share a kernel; a pooling
 * window behind a contraction is reduced while its values are at hand; maps of one size that read the same
 * things share a kernel, and so do reductions of rows and maps over them. No group ever depends on itself through
 * another.
 */
import { Evaluator } from "./evaluate.ts";
import { type Expr, visit } from "../expression/expr.ts";
import { fitsRows } from "./fuse_rows.ts";
import { flatten } from "../expression/index_math.ts";
import { axesOf } from "../expression/axes.ts";
import {
  chooseStored,
  contractionInputs,
  type FusePolicy,
  LONGEST_CHAIN,
  overOf,
  sameLoops,
  usersOf,
} from "./storage_choice.ts";
import { topological, viewed } from "../graph/graph.ts";
import { isScattered } from "./scatter.ts";
import type { ReduceBody, Tensor } from "../tensor.ts";

/** The tensors that one kernel computes, or a loop. */
export interface Group {
  readonly contraction: Tensor | undefined;
  readonly reduces: Tensor[];
  /** Only for a loop, which is no kernel: the node, whose results are the other members. */
  readonly loop?: Tensor;
  /** Whether the only member is a sum that is scattered. */
  readonly isScattered?: boolean;
  /** Only where the kernel goes over rows several times: the maps that have all elements of the rows. */
  wide?: Set<Tensor>;
  /** All of them, inputs before what uses them. */
  readonly members: Tensor[];
  /** The members that go to memory. */
  stores: Tensor[];
}

/** The result of fusion. */
export interface Fused {
  readonly groups: readonly Group[];
  readonly groupOf: ReadonlyMap<Tensor, Group>;
  readonly packs: readonly Tensor[];
  /** What each stored tensor loads. */
  readonly reads: ReadonlyMap<Tensor, Reads>;
  /** The groups whose results a group needs. */
  dependencies(group: Group): Set<Group>;
}

/** How a stored tensor reads others: only the same element, or others too. */
export interface Reads {
  readonly same: ReadonlySet<Tensor>;
  readonly other: ReadonlySet<Tensor>;
}

/** Groups all that the roots need into kernels. */
export function fuse(roots: readonly Tensor[], policy: FusePolicy): Fused {
  const order = topological(roots);
  const position = new Map(order.map((t, i) => [t, i]));
  const users = usersOf(order);
  const rootSet = new Set(roots.map(viewed));
  const { stored, chains } = chooseStored(order, rootSet, users, policy);
  const reads = new Map<Tensor, Reads>();
  const readers = new Map<Tensor, Tensor[]>();
  for (const tensor of order) {
    if (!stored.has(tensor)) continue;
    const found = findReads(tensor, stored);
    reads.set(tensor, found);
    for (const t of [...found.same, ...found.other]) readers.set(t, [...readers.get(t) ?? [], tensor]);
  }

  const groups: Group[] = [];
  const groupOf = new Map<Tensor, Group>();
  /** Maps within each other in the expression for a tensor in its kernel. */
  const depths = new Map<Tensor, number>();
  const readsOf = (tensor: Tensor) => [...reads.get(tensor)!.same, ...reads.get(tensor)!.other];
  const depthIn = (tensor: Tensor, group: Group) =>
    chains.get(tensor)! +
    Math.max(0, ...readsOf(tensor).map((t) => groupOf.get(t) === group ? depths.get(t)! : 0));
  const join = (tensor: Tensor, group: Group) => {
    depths.set(tensor, depthIn(tensor, group));
    group.members.push(tensor);
    if (tensor.op.body.kind === "reduce") group.reduces.push(tensor);
    groupOf.set(tensor, group);
  };
  const start = (tensor: Tensor) => {
    const contraction = tensor.op.body.kind === "contraction" ? tensor : undefined;
    const loop = tensor.op.body.kind === "loop" ? tensor : undefined;
    const scattered = isScattered(tensor, policy.split.scatter);
    const group: Group = { contraction, loop, isScattered: scattered, reduces: [], members: [], stores: [] };
    groups.push(group);
    join(tensor, group);
  };
  const dependencies = (group: Group): Set<Group> => {
    const result = new Set<Group>();
    const addAll = (tensors: Iterable<Tensor>) => {
      for (const t of tensors) {
        if (t.op.body.kind === "pack") addAll(t.inputs.map(viewed));
        else if (groupOf.has(t) && groupOf.get(t) !== group) result.add(groupOf.get(t)!);
      }
    };
    for (const m of group.members) addAll(readsOf(m));
    return result;
  };
  const reaches = (from: Group, to: Group, seen = new Set<Group>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...dependencies(from)].some((d) => reaches(d, to, seen));
  };
  /** Whether the group can also compute `tensor`, which reads the group's members element for element only. */
  const canJoin = (tensor: Tensor, group: Group): boolean =>
    ![...reads.get(tensor)!.other].some((t) => groupOf.get(t) === group) && mayJoin(tensor, group);
  /** Whether the group can also compute `tensor`, if it has what that reads of the group. */
  const mayJoin = (tensor: Tensor, group: Group): boolean => {
    if (group.loop || group.isScattered || isScattered(tensor, policy.split.scatter)) return false;
    if (depthIn(tensor, group) > 2 * LONGEST_CHAIN) return false;
    const all = readsOf(tensor);
    const seen = new Set<Group>();
    const pieces = all.flatMap((t) => t.op.body.kind === "pack" ? t.inputs.map(viewed) : []);
    if (pieces.some((t) => groupOf.get(t) === group)) return false;
    if (
      [...all, ...pieces].some((t) =>
        groupOf.has(t) && groupOf.get(t) !== group && reaches(groupOf.get(t)!, group, seen)
      )
    ) {
      return false;
    }
    const operands = new Set([tensor, ...all]);
    for (const m of group.members) {
      operands.add(m);
      for (const t of readsOf(m)) operands.add(t);
      if (m === group.contraction) operands.add(m);
    }
    return operands.size <= policy.maxOperands;
  };

  for (const tensor of order) {
    if (!stored.has(tensor) || tensor.op.body.kind === "pack") continue;
    const { same, other } = reads.get(tensor)!;
    const { kind } = tensor.op.body;
    if (kind === "result") {
      join(tensor, groupOf.get(tensor.inputs[0])!);
      continue;
    }
    let home = kind === "map" || kind === "reduce" ? rowHome(tensor) : undefined;
    if (home) {
      home.wide ??= new Set();
      if (kind === "map") home.wide.add(tensor);
    } else if (kind === "map") {
      const behind = [...same].filter((t) => groupOf.has(t)).map((t) => groupOf.get(t)!);
      behind.sort((a, b) => groups.indexOf(b) - groups.indexOf(a));
      home = behind.find((g) => canJoin(tensor, g)) ??
        groups.find((g) => isMapGroup(g) && sameSizeAndInput(g, tensor, reads) && canJoin(tensor, g));
    } else if (kind === "reduce") {
      home = windowHome(tensor, other) ??
        groups.find((g) =>
          !g.contraction && g.reduces.length > 0 && sameLoops(g.reduces[0], tensor) && canJoin(tensor, g)
        );
    }
    if (home) join(tensor, home);
    else start(tensor);
  }

  mergeSingleNumbers();
  for (const group of groups) {
    group.stores = group.loop
      ? group.members.slice(1)
      : group.members.filter((m) =>
        rootSet.has(m) || users.get(m)!.some((u) => u.op.body.kind === "pack") ||
        (readers.get(m) ?? []).some((r) => groupOf.get(r) !== group)
      );
  }
  const packs = order.filter((t) => t.op.body.kind === "pack");
  return { groups, groupOf, packs, reads, dependencies };

  /** Kernels that compute one number by maps alone go into other kernels of that size. */
  function mergeSingleNumbers(): void {
    for (const group of groups.filter((g) => isMapGroup(g) && g.members[0].size === 1)) {
      // The last one that fits: state is then read by all others before it is written.
      const home = groups.findLast((g) => {
        if (g === group || g.loop || g.contraction || g.members[0].size !== 1) return false;
        const between = [...dependencies(g), ...dependencies(group)].filter((d) => d !== g && d !== group);
        return !between.some((d) => reaches(d, g) || reaches(d, group));
      });
      if (!home) continue;
      groups.splice(groups.indexOf(group), 1);
      home.members.push(...group.members);
      home.members.sort((a, b) => position.get(a)! - position.get(b)!);
      for (const m of group.members) groupOf.set(m, home);
    }
  }

  /** The group that goes over the rows that this goes along, too. */
  function rowHome(tensor: Tensor): Group | undefined {
    const near = new Set(readsOf(tensor).flatMap((t) => groupOf.get(t) ?? []));
    return [...near].find((g) =>
      fitsRows(tensor, g, policy.rows, (t) => stored.has(t)) && mayJoin(tensor, g)
    );
  }

  /** The contraction whose results this reduction pools, if nothing else needs them. */
  function windowHome(tensor: Tensor, other: ReadonlySet<Tensor>): Group | undefined {
    if (!isWindow(tensor, policy)) return undefined;
    for (const source of other) {
      if (source.op.body.kind !== "contraction" || rootSet.has(source)) continue;
      const group = groupOf.get(source)!;
      // All readers have to be such windows and to read the same, so that what holds for the first holds for all.
      const shared = readers.get(source)!.every((r) =>
        isWindow(r, policy) && sameLoops(r, tensor) && sameSet(reads.get(r)!.other, other)
      );
      const rest = [...other].filter((t) => t !== source && groupOf.has(t)).map((t) => groupOf.get(t)!);
      if (shared && !rest.some((g) => reaches(g, group))) return group;
    }
    return undefined;
  }
}

const isMapGroup = (group: Group) => !group.loop && !group.contraction && group.reduces.length === 0;

function sameSizeAndInput(group: Group, tensor: Tensor, reads: ReadonlyMap<Tensor, Reads>): boolean {
  if (group.members[0].size !== tensor.size) return false;
  const mine = reads.get(tensor)!;
  return group.members.some((m) => {
    const theirs = reads.get(m)!;
    return [...theirs.same, ...theirs.other].some((t) => mine.same.has(t) || mine.other.has(t));
  });
}

const sameSet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>) =>
  a.size === b.size && [...a].every((t) => b.has(t));

function isWindow(tensor: Tensor, policy: FusePolicy): boolean {
  const body = tensor.op.body;
  if (body.kind !== "reduce" || !(body as ReduceBody<unknown>).disjoint?.(tensor.attrs)) return false;
  return overOf(tensor).reduce((a, b) => a * b, 1) <= policy.windowLimit;
}

/** What a stored tensor loads, and whether always at its own position. */
function findReads(tensor: Tensor, stored: ReadonlySet<Tensor>): Reads {
  const { body } = tensor.op;
  const same = new Set<Tensor>();
  const other = new Set<Tensor>();
  const index = axesOf(tensor.shape).map((a) => a.value);
  const here = flatten(index, tensor.shape);
  const evaluator = new Evaluator((t) =>
    t !== tensor && (stored.has(t) || t.op.body.kind === "leaf") ? { target: t, offset: 0 } : undefined
  );
  const collect = (expr: Expr, isOwn: boolean) =>
    visit([expr], (e) => {
      if (e.op !== "load") return;
      const source = e.source as Tensor;
      if (isOwn && e.args[0] === here && source.size === tensor.size) same.add(source);
      else other.add(source);
    });
  if (body.kind === "map") {
    collect(body.value(evaluator.site(tensor, index)), true);
  } else if (body.kind === "reduce") {
    const reduce = body as ReduceBody<unknown>;
    const over = axesOf(overOf(tensor), "r").map((a) => a.value);
    collect(reduce.value(evaluator.site(tensor, index), over), false);
  } else if (body.kind === "contraction") {
    const { left, right } = contractionInputs(tensor);
    for (const side of [left, right]) {
      collect(evaluator.at(side, axesOf(side.shape).map((a) => a.value)), false);
    }
  } else if (body.kind === "pack" || body.kind === "loop") {
    for (const input of tensor.inputs) other.add(viewed(input));
  }
  // A tensor that is also read elsewhere does not count as read in place.
  for (const t of other) same.delete(t);
  return { same, other };
}
