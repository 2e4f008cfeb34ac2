/** Which kernels need which while fusion goes on. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Group, GroupGraph } from "../../engine/passes/group.ts";

/** Groups without members, each of which needs some that come before it. */
function graphOf(needs: readonly (readonly number[])[]): { graph: GroupGraph; groups: Group[] } {
  const graph = new GroupGraph();
  const groups = needs.map((): Group => ({ contraction: undefined, reduces: [], members: [], stores: [] }));
  groups.forEach((group, i) => {
    graph.add(group);
    for (const n of needs[i]) graph.connect(group, groups[n]);
  });
  return { graph, groups };
}

/** Lists of what is needed: of each number, some smaller ones. */
const needLists = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 12 })
  .map((lists) => lists.map((list, i) => i === 0 ? [] : list.map((n) => n % i)));

/** What a number needs, straight or through others. */
const allNeeds = (needs: readonly (readonly number[])[], of: number): number[] =>
  needs[of].flatMap((n) => [n, ...allNeeds(needs, n)]);

Deno.test("reach() says whether a group needs another one, straight or through others", () => {
  fc.assert(fc.property(needLists, (needs) => {
    const { graph, groups } = graphOf(needs);
    for (const [from, group] of groups.entries()) {
      const behind = new Set(allNeeds(needs, from));
      groups.forEach((target, to) => {
        assertEquals(graph.reach([group], [target]), to !== from && behind.has(to), `${from} to ${to}`);
      });
    }
  }));
});

Deno.test("what a merged group needed, and who needed it, is the other one's", () => {
  const { graph, groups: [first, gone, home, last] } = graphOf([[], [0], [], [1]]);
  graph.merge(gone, home);
  assertEquals([...graph.needsOf(home)], [first]);
  assertEquals([...graph.needsOf(last)], [home]);
  assert(graph.reach([last], [first]));
});

Deno.test("reach() gives a search up that is long both ways, and takes it that the answer is yes", () => {
  const [first, middle, last] = [0, 1000, 2001];
  // The first one is needed by a thousand, the last one needs a thousand others.
  const { graph, groups } = graphOf(
    Array.from(
      { length: last + 1 },
      (_, i) =>
        i === last
          ? Array.from({ length: 1000 }, (_, n) => middle + 1 + n)
          : i === first || i > middle
          ? []
          : [first],
    ),
  );
  assert(graph.reach([groups[last]], [groups[first]]));
  assert(!graph.reach([groups[middle + 1]], [groups[first]]), "which needs nothing");
});
