/** Where long sums are cut into tiers. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sumTiers } from "../../devices/loop_nest/sum_tiers.ts";

/** The most additions after another at any tier of a sum that is so cut. */
function longestLevel(steps: readonly number[], ends: readonly (readonly number[])[]): number {
  let [run, longest] = [1, 1];
  for (let loop = steps.length - 1; loop >= 0; loop--) {
    let begun = 1;
    for (const end of ends[loop]) {
      longest = Math.max(longest, run * (end / begun));
      run = 1;
      begun = end;
    }
    run *= Math.ceil(steps[loop] / begun);
  }
  return Math.max(longest, run);
}

Deno.test("short sums have one tier", () => {
  assertEquals(sumTiers([128]), [[]]);
  assertEquals(sumTiers([8, 16]), [[], []]);
  assertEquals(sumTiers([]), []);
});

Deno.test("a long loop is cut into tiers, and a loop around enough additions ends one each round", () => {
  assertEquals(sumTiers([10_000]), [[64, 4096]]);
  assertEquals(sumTiers([1_000]), [[64]]);
  assertEquals(sumTiers([100, 32]), [[1], []]);
  assertEquals(sumTiers([10_000, 4]), [[16, 1024], []]);
});

Deno.test("no tier has many additions, whatever the loops", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5_000_000 }), { maxLength: 5 }), (steps) => {
    const ends = sumTiers(steps);
    ends.forEach((some) => some.slice(1).forEach((end, i) => assertEquals(end % some[i], 0)));
    assert(longestLevel(steps, ends) <= 128, JSON.stringify({ steps, ends }));
  }));
});
