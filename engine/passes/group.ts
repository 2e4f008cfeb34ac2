/** The kernels that fusion makes out of stored tensors, and which of them need which. */
import type { Tensor } from "../tensor.ts";

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

/** Whether a group is made of maps alone. */
export const isMapGroup = (group: Group): boolean =>
  !group.loop && !group.contraction && group.reduces.length === 0;

/** A search that has seen so many groups without an answer is given up, so that planning takes no longer for a larger graph. */
const LONGEST_SEARCH = 512;

/** Which groups need the results of which, while they still grow. */
export class GroupGraph {
  readonly #needs = new Map<Group, Set<Group>>();
  readonly #neededBy = new Map<Group, Set<Group>>();

  /** Adds a group that needs nothing yet. */
  add(group: Group): void {
    this.#needs.set(group, new Set());
    this.#neededBy.set(group, new Set());
  }

  /** The groups whose results a group needs. */
  needsOf(group: Group): ReadonlySet<Group> {
    return this.#needs.get(group)!;
  }

  /** Notes that a group needs another one. */
  connect(group: Group, needed: Group): void {
    if (group === needed) return;
    this.#needs.get(group)!.add(needed);
    this.#neededBy.get(needed)!.add(group);
  }

  /** Takes a group away; what it needs and what needs it is then `host`'s. */
  merge(group: Group, host: Group): void {
    for (const needed of this.#needs.get(group)!) {
      this.#neededBy.get(needed)!.delete(group);
      this.connect(host, needed);
    }
    for (const other of this.#neededBy.get(group)!) {
      this.#needs.get(other)!.delete(group);
      this.connect(other, host);
    }
    this.#needs.delete(group);
    this.#neededBy.delete(group);
  }

  /**
   * Whether one of some groups needs one of `targets`, straight or through others; one that is a target itself does not
   * count. Where the search is long both ways, it is taken that one does: at worst two kernels stay apart.
   */
  reach(from: Iterable<Group>, targets: readonly Group[]): boolean {
    const sources = new Set(from);
    for (const target of targets) sources.delete(target);
    if (sources.size === 0) return false;
    // What is made last is needed by little so far, and what is made first needs little.
    return search(targets, sources, this.#neededBy) ?? search(sources, new Set(targets), this.#needs) ?? true;
  }
}

/** Whether one of `goals` is behind one of `from`, but for these themselves; `undefined` where that takes too long. */
function search(
  from: Iterable<Group>,
  goals: ReadonlySet<Group>,
  next: ReadonlyMap<Group, ReadonlySet<Group>>,
): boolean | undefined {
  const seen = new Set(from);
  // A set is gone through in the order in which it grows.
  for (const group of seen) {
    for (const other of next.get(group)!) {
      if (goals.has(other)) return true;
      if (seen.add(other).size > LONGEST_SEARCH) return undefined;
    }
  }
  return false;
}
