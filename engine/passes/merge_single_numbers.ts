/** Kernels that compute one number by maps alone go into other kernels of that size. */
import type { Tensor } from "../tensor.ts";
import { type Group, type GroupGraph, isMapGroup } from "./group.ts";

/** So many kernels are tried, the last ones first. */
const MOST_TRIES = 32;

/** Merges them; gives the groups that are gone, with those that now compute what they did. */
export function mergeSingleNumbers(
  groups: readonly Group[],
  graph: GroupGraph,
  inOrder: (a: Tensor, b: Tensor) => number,
): Map<Group, Group> {
  const gone = new Map<Group, Group>();
  const single = groups.filter((g) => !g.loop && !g.contraction && g.members[0].size === 1);
  // The last ones that fit: state is then read by all others before it is written.
  const hosts = single.toReversed();
  for (const group of single.filter(isMapGroup)) {
    let tries = 0;
    for (const host of hosts) {
      if (host === group || gone.has(host)) continue;
      if (tries++ === MOST_TRIES) break;
      if (graph.reach([...graph.needsOf(host), ...graph.needsOf(group)], [host, group])) continue;
      gone.set(group, host);
      graph.merge(group, host);
      host.members.push(...group.members);
      host.members.sort(inOrder);
      break;
    }
  }
  return gone;
}
