/**
 * The order in which kernels run, in levels: kernels of one level do not need each other, so a device may run them together.
 * And which state is updated where it lies. New state can be written over the old
 * when the kernel that makes it reads the old only element for element and every other reader can run before.
 */
import { bytesPerElement } from "../array.ts";
import type { Fused } from "./fuse.ts";
import type { Group } from "./group.ts";
import { viewed } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";

/** New values for state: the leaf and the tensor that takes its place. */
export type Updates = ReadonlyMap<Tensor, Tensor>;

/** The order of the groups, and where new state goes. */
export interface Schedule {
  readonly groups: readonly Group[];
  /** The level of each group, rising. */
  readonly levels: readonly number[];
  /** New values that are written straight into the state's memory. */
  readonly inPlace: ReadonlyMap<Tensor, Tensor>;
  /** Updates that need a copy at the end. */
  readonly copies: Updates;
  /** For state that is updated where it lies, the groups that read its old value, but for the one that updates it. */
  readonly oldReaders: ReadonlyMap<Tensor, readonly Group[]>;
}

/** Orders the groups. */
export function schedule(fused: Fused, updates: Updates): Schedule {
  const before = new Map<Group, Set<Group>>(fused.groups.map((g) => [g, new Set(fused.needsOf(g))]));
  const after = new Map<Group, Group[]>(fused.groups.map((g) => [g, []]));
  for (const [group, needs] of before) for (const need of needs) after.get(need)!.push(group);
  const readersOf = new Map<Tensor, Set<Group>>([...updates.keys()].map((state) => [state, new Set()]));
  for (const group of fused.groups) {
    for (const m of group.members) {
      const { same, other } = fused.reads.get(m)!;
      for (const read of [same, other]) for (const t of read) readersOf.get(t)?.add(group);
    }
  }

  const inPlace = new Map<Tensor, Tensor>();
  const oldReaders = new Map<Tensor, readonly Group[]>();
  const copies = new Map<Tensor, Tensor>();
  for (const [state, update] of updates) {
    const value = viewed(update);
    if (value === state) continue;
    const writer = fused.groupOf.get(value);
    const readers = [...readersOf.get(state)!].filter((g) => g !== writer);
    const safe = writer && !writer.wide && !inPlace.has(value) && value.dtype === state.dtype &&
      writer.members.every((m) => !fused.reads.get(m)!.other.has(state)) &&
      !needsAny(readers, writer, after);
    if (safe) {
      inPlace.set(value, state);
      oldReaders.set(state, readers);
      for (const reader of readers) {
        if (before.get(writer)!.has(reader)) continue;
        before.get(writer)!.add(reader);
        after.get(reader)!.push(writer);
      }
    } else {
      copies.set(state, update);
    }
  }
  return { ...inLevels(before, after), inPlace, copies, oldReaders };
}

/** Whether one of some groups needs what another one makes, straight or through others. */
function needsAny(
  groups: readonly Group[],
  made: Group,
  after: ReadonlyMap<Group, readonly Group[]>,
): boolean {
  const wanted = new Set(groups);
  const seen = new Set([made]);
  // A set is gone through in the order in which it grows. What makes new state is needed by little.
  for (const group of seen) {
    if (wanted.has(group)) return true;
    for (const follower of after.get(group)!) seen.add(follower);
  }
  return false;
}

/** Each group in the first level in which all that it needs is there; one that takes up memory waits until it is needed. */
function inLevels(
  before: ReadonlyMap<Group, ReadonlySet<Group>>,
  after: ReadonlyMap<Group, readonly Group[]>,
): Pick<Schedule, "groups" | "levels"> {
  const age = new Map(
    [...before.keys()].map((g) => [g, g.members.reduce((most, m) => Math.max(most, m.id), 0)]),
  );
  const level = new Map<Group, number>([...before.keys()].map((g) => [g, 0]));
  const waiting = new Map<Group, number>([...before].map(([g, needs]) => [g, needs.size]));
  const ready = [...before.keys()].filter((g) => waiting.get(g) === 0);
  // The list grows while it is gone through: what waits for nothing any more joins it.
  for (const group of ready) {
    for (const follower of after.get(group)!) {
      level.set(follower, Math.max(level.get(follower)!, level.get(group)! + 1));
      waiting.set(follower, waiting.get(follower)! - 1);
      if (waiting.get(follower) === 0) ready.push(follower);
    }
  }
  if (ready.length < before.size) {
    throw new Error("Cannot order the kernels: two groups depend on each other");
  }
  const byLevel = () =>
    [...before.keys()].sort((a, b) => level.get(a)! - level.get(b)! || age.get(a)! - age.get(b)!);
  for (const group of byLevel().reverse()) {
    const followers = after.get(group)!;
    if (followers.length === 0 || !takesUpMemory(group, before)) continue;
    level.set(group, followers.reduce((least, g) => Math.min(least, level.get(g)!), Infinity) - 1);
  }
  const groups = byLevel();
  return { groups, levels: groups.map((g) => level.get(g)!) };
}

/** Whether a group makes more than it reads from other groups. */
function takesUpMemory(group: Group, before: ReadonlyMap<Group, ReadonlySet<Group>>): boolean {
  const bytes = (g: Group) => g.stores.reduce((sum, t) => sum + t.size * bytesPerElement(t.dtype), 0);
  return bytes(group) > [...before.get(group)!].reduce((sum, g) => sum + bytes(g), 0);
}
