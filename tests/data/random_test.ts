import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Random } from "../../data/random.ts";

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

Deno.test("Random gives the same bits on every machine", () => {
  assertEquals(draw(new Random(0), 4), [2668214763, 739643719, 1145722826, 2561869327]);
});

Deno.test("Random gives other bits for another seed, for one above 2^32, and for another stream", () => {
  const streams = [new Random(1), new Random(2), new Random(2 ** 32 + 1), new Random(1, 1)];
  const seen = new Set(streams.flatMap((random) => draw(random, 1000)));
  assert(seen.size > 3990, `${4000 - seen.size} repeats`);
});

Deno.test("Random spreads evenly", () => {
  const random = new Random(3);
  const ones = new Array(32).fill(0);
  const counts = new Array(7).fill(0);
  let sum = 0;
  for (let i = 0; i < 70_000; i++) {
    const bits = random.bits();
    for (let b = 0; b < 32; b++) ones[b] += (bits >>> b) & 1;
    sum += random.uniform(-1, 3);
    counts[random.below(7)]++;
  }
  assertAlmostEquals(sum / 70_000, 1, 0.02);
  for (const count of ones) assertAlmostEquals(count / 70_000, 0.5, 0.01);
  for (const count of counts) assertAlmostEquals(count / 10_000, 1, 0.05);
});

Deno.test("Random streams of one seed do not overlap", () => {
  const first = draw(new Random(5, 0), 200).join();
  for (let stream = 1; stream < 200; stream++) {
    const other = draw(new Random(5, stream), 200);
    assertNotEquals(first.includes(other.slice(100, 103).join()), true);
  }
});

Deno.test("Random refuses seeds that are no integers of at least 0", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assertThrows(() => new Random(seed), RangeError, `seed ${seed}`);
  }
});
