/**
 * The order in which kernels run, in waves: kernels of one wave do not need each other, so a device may run them together.
 * And which state is updated where it lies. New state can be written over the old
 * when the kernel that makes it reads the old only element for element and every other reader can run before.
 */
import { bytesPerElement } from "../array.ts";
import type { Fused, Group } from "./fuse.ts";
import { viewed } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";

/** New values for state: the leaf and the tensor that takes its place. */
export type Updates = ReadonlyMap<Tensor, Tensor>;

/** The order of the groups, and where new state goes. */
export interface Schedule {
  readonly groups: readonly Group[];
  /** The wave of each group, rising. */
  readonly waves: readonly number[];
  /** New values that are written straight into the state's memory. */
  readonly inPlace: ReadonlyMap<Tensor, Tensor>;
  /** Updates that need a copy at the end. */
  readonly copies: Updates;
  /** For state that is updated where it lies, the groups that read its old value, but for the one that updates it. */
  readonly oldReaders: ReadonlyMap<Tensor, readonly Group[]>;
}

/** Orders the groups. */
export function schedule(fused: Fused, updates: Updates): Schedule {
  const before = new Map<Group, Set<Group>>(fused.groups.map((g) => [g, fused.dependencies(g)]));
  const reaches = (from: Group, to: Group, seen = new Set<Group>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...before.get(from)!].some((g) => reaches(g, to, seen));
  };
  const readsState = (group: Group, state: Tensor) =>
    group.members.some((m) => fused.reads.get(m)!.same.has(state) || fused.reads.get(m)!.other.has(state));

  const inPlace = new Map<Tensor, Tensor>();
  const oldReaders = new Map<Tensor, readonly Group[]>();
  const copies = new Map<Tensor, Tensor>();
  for (const [state, update] of updates) {
    const value = viewed(update);
    if (value === state) continue;
    const writer = fused.groupOf.get(value);
    const readers = fused.groups.filter((g) => g !== writer && readsState(g, state));
    const safe = writer && !writer.wide && !inPlace.has(value) && value.dtype === state.dtype &&
      writer.members.every((m) => !fused.reads.get(m)!.other.has(state)) &&
      !readers.some((r) => reaches(r, writer));
    if (safe) {
      inPlace.set(value, state);
      oldReaders.set(state, readers);
      for (const reader of readers) before.get(writer)!.add(reader);
    } else {
      copies.set(state, update);
    }
  }
  return { ...inWaves(before), inPlace, copies, oldReaders };
}

/** Each group in the first wave in which all that it needs is there; one that takes up memory waits until it is needed. */
function inWaves(before: ReadonlyMap<Group, ReadonlySet<Group>>): Pick<Schedule, "groups" | "waves"> {
  const age = new Map([...before.keys()].map((g) => [g, Math.max(...g.members.map((m) => m.id))]));
  const wave = new Map<Group, number>();
  const waveOf = (group: Group, path: ReadonlySet<Group>): number => {
    const known = wave.get(group);
    if (known !== undefined) return known;
    if (path.has(group)) throw new Error("Cannot order the kernels: two groups depend on each other");
    const inside = new Set([...path, group]);
    const result = Math.max(0, ...[...before.get(group)!].map((g) => waveOf(g, inside) + 1));
    wave.set(group, result);
    return result;
  };
  for (const group of before.keys()) waveOf(group, new Set());
  const after = new Map<Group, Group[]>([...before.keys()].map((g) => [g, []]));
  for (const [group, needs] of before) for (const need of needs) after.get(need)!.push(group);
  const byWave = () =>
    [...before.keys()].sort((a, b) => wave.get(a)! - wave.get(b)! || age.get(a)! - age.get(b)!);
  for (const group of byWave().reverse()) {
    const followers = after.get(group)!.map((g) => wave.get(g)!);
    if (followers.length === 0 || !takesUpMemory(group, before)) continue;
    wave.set(group, Math.min(...followers) - 1);
  }
  const groups = byWave();
  return { groups, waves: groups.map((g) => wave.get(g)!) };
}

/** Whether a group makes more than it reads from other groups. */
function takesUpMemory(group: Group, before: ReadonlyMap<Group, ReadonlySet<Group>>): boolean {
  const bytes = (g: Group) => g.stores.reduce((sum, t) => sum + t.size * bytesPerElement(t.dtype), 0);
  return bytes(group) > [...before.get(group)!].reduce((sum, g) => sum + bytes(g), 0);
}
