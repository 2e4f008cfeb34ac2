import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { permutation } from "../../data/permutation.ts";

Deno.test("permutation() gives the same order on every machine", () => {
  assertEquals([...permutation(10, 0)], [6, 9, 5, 3, 1, 2, 0, 7, 4, 8]);
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

Deno.test("permutation() puts each pair of indices next to each other equally often", () => {
  const counts = new Array(25).fill(0);
  for (let turn = 0; turn < 20_000; turn++) {
    const order = permutation(5, 3, turn);
    for (let i = 1; i < 5; i++) counts[5 * order[i - 1] + order[i]]++;
  }
  for (let i = 0; i < 25; i++) assertAlmostEquals(counts[i] / 4000, i % 6 === 0 ? 0 : 1, 0.08);
});

Deno.test("permutation() gives another order for another turn, and for seeds that differ beyond 32 bits", () => {
  const orders = [permutation(100, 1), permutation(100, 1, 1), permutation(100, 2 ** 32 + 1)].map(String);
  assertEquals(new Set(orders).size, 3);
});

Deno.test("permutation() refuses lengths, seeds and turns that are none", () => {
  for (const wrong of [-1, 1.5, NaN, 2 ** 53]) {
    assertThrows(() => permutation(wrong, 0), RangeError, `${wrong}`);
    assertThrows(() => permutation(3, wrong), RangeError, `${wrong}`);
    assertThrows(() => permutation(3, 0, wrong), RangeError, `${wrong}`);
  }
});
