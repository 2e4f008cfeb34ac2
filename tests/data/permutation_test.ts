import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { permutation } from "../../data/permutation.ts";

Deno.test("permutation() gives the same order on every machine", () => {
  assertEquals([...permutation(10, 0)], [5, 7, 8, 3, 0, 9, 4, 2, 1, 6]);
});

Deno.test("permutation() holds every index once, whatever the seed", () => {
  fc.assert(fc.property(fc.nat(300), fc.maxSafeNat(), (length, seed) => {
    const sorted = permutation(length, seed).sort();
    assertEquals([...sorted], Array.from({ length }, (_, i) => i));
  }));
});

Deno.test("permutation() gives another order for another seed", () => {
  assertNotEquals([...permutation(100, 1)], [...permutation(100, 2)]);
});

Deno.test("permutation() puts each index in each place equally often", () => {
  const counts = new Array(25).fill(0);
  for (let seed = 0; seed < 20_000; seed++) {
    permutation(5, seed).forEach((to, from) => counts[5 * from + to]++);
  }
  for (const count of counts) assertAlmostEquals(count / 4000, 1, 0.08);
});

Deno.test("permutation() refuses lengths that are none", () => {
  for (const length of [-1, 1.5, NaN, 2 ** 32]) {
    assertThrows(() => permutation(length, 0), RangeError, `${length}`);
  }
});
