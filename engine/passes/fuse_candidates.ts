/** Groups that a tensor may join although it needs nothing of them, by what they have in common with it. */
import type { Group } from "./group.ts";

/** The latest groups of a kind that are looked at; earlier ones stay as they are, so that fusion takes no longer for a larger graph. */
const MOST_CANDIDATES = 32;

/** The latest groups of each kind that still have room. */
export class CandidateIndex {
  readonly #groups = new Map<string, Set<Group>>();
  readonly #hasRoom: (group: Group) => boolean;

  constructor(hasRoom: (group: Group) => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** Adds a group to a kind. */
  add(kind: string, group: Group): void {
    let groups = this.#groups.get(kind);
    if (!groups) this.#groups.set(kind, groups = new Set());
    groups.add(group);
    if (groups.size <= MOST_CANDIDATES) return;
    const [oldest] = groups;
    groups.delete(oldest);
  }

  /** The groups of some kinds, each once. */
  find(kinds: readonly string[]): Group[] {
    const found = new Set<Group>();
    for (const kind of kinds) {
      const groups = this.#groups.get(kind) ?? [];
      for (const group of groups) {
        if (this.#hasRoom(group)) found.add(group);
        else this.#groups.get(kind)!.delete(group);
      }
    }
    return [...found];
  }
}
