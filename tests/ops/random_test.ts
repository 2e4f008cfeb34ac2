/** Random tensors as samples of their distributions, and as draws that do not depend on each other. */
import { assert, assertEquals, assertGreater, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { interpret } from "../oracle/interpreter.ts";
import { threefry } from "../oracle/random_words.ts";

const COUNT = 100_000;
const valuesOf = (x: Tensor) => interpret([x])[0];
const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const of = (x: Float64Array, mx: number, y: Float64Array, my: number) =>
    meanOf(x.map((v, i) => (v - mx) * (y[i] - my)));
  return of(a, meanA, b, meanB) / Math.sqrt(of(a, meanA, a, meanA) * of(b, meanB, b, meanB));
}

Deno.test("the oracle's Threefry gives the words that Random123 publishes", () => {
  assertEquals(threefry([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  const ones = 0xffffffff;
  assertEquals(threefry([ones, ones], [ones, ones]), [0x1cb996fc, 0xbb002be7]);
  assertEquals(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
});

Deno.test("randomUniform() fills a hundred bins evenly", () => {
  const bins = new Array(100).fill(0);
  for (const x of valuesOf(g.randomUniform([COUNT], { seed: 1 }))) bins[Math.floor(x * 100)]++;
  const chiSquare = bins.reduce((sum, n) => sum + (n - COUNT / 100) ** 2 / (COUNT / 100), 0);
  // 99 degrees of freedom: 60 to 150 holds all but one of a thousand.
  assertGreater(chiSquare, 60);
  assertLess(chiSquare, 150);
});

Deno.test("randomNormal() has the moments and the tails of the normal distribution", () => {
  const values = valuesOf(g.randomNormal([COUNT], { seed: 2 }));
  const moments = [1, 2, 3, 4].map((power) => meanOf(values.map((x) => x ** power)));
  const [first, second, third, fourth] = moments;
  assertLess(Math.abs(first), 0.015);
  assertLess(Math.abs(second - 1), 0.02);
  assertLess(Math.abs(third), 0.05);
  assertLess(Math.abs(fourth - 3), 0.15);
  const beyond = (limit: number) => values.filter((x) => Math.abs(x) > limit).length / COUNT;
  assertLess(Math.abs(beyond(1.959964) - 0.05), 0.004);
  assertLess(Math.abs(beyond(3) - 0.0027), 0.001);
  assert(values.every((x) => Math.abs(x) < 5.5));
});

Deno.test("randomBernoulli() is true as often as asked for", () => {
  for (const probability of [0.001, 0.3, 0.999]) {
    const share = meanOf(valuesOf(g.randomBernoulli([COUNT], probability, { seed: 3 })));
    assertLess(Math.abs(share - probability), 4 * Math.sqrt(probability * (1 - probability) / COUNT));
  }
});

Deno.test("randomUniform() has nothing in common between seeds, counters, streams and neighbours", () => {
  const of = (options: g.RandomOptions) => valuesOf(g.randomUniform([20_000], options));
  const base = of({ seed: 4, counter: 1, stream: 1 });
  const others = [
    of({ seed: 5, counter: 1, stream: 1 }),
    of({ seed: 4, counter: 2, stream: 1 }),
    of({ seed: 4, counter: 1, stream: 2 }),
    Float64Array.from([...base.slice(1), base[0]]),
  ];
  for (const other of others) assertLess(Math.abs(correlation(base, other)), 0.03);
});

Deno.test("RandomSource gives each draw a stream of its own, in order", () => {
  const source = new g.RandomSource({ seed: 6, counter: 7, stream: 3 });
  const [uniform, normal, bernoulli] = [source.uniform([9]), source.normal([9]), source.bernoulli([9], 0.5)];
  assertEquals(valuesOf(uniform), valuesOf(g.randomUniform([9], { seed: 6, counter: 7, stream: 3 })));
  assertEquals(valuesOf(normal), valuesOf(g.randomNormal([9], { seed: 6, counter: 7, stream: 4 })));
  assertEquals(
    valuesOf(bernoulli),
    valuesOf(g.randomBernoulli([9], 0.5, { seed: 6, counter: 7, stream: 5 })),
  );
});

Deno.test("shuffled() gives every position a place of its own, another one for each seed and turn", () => {
  const orders = ([[1, 0], [1, 1], [2, 0]] as const).map(([seed, turn]) => {
    const places = valuesOf(g.shuffled(g.iota(1000), 1000, { seed, turn }));
    assertEquals([...places].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
    return places;
  });
  assertNotEquals(orders[0], orders[1]);
  assertNotEquals(orders[0], orders[2]);
  const moved = orders[0].filter((place, i) => place !== i).length;
  assertGreater(moved, 980);
});

Deno.test("random tensors refuse seeds and probabilities that make no sense", () => {
  assertThrows(() => g.randomBits([2], { seed: -1 }), RangeError, "seed -1");
  assertThrows(() => g.randomBits([2], { seed: 0.5 }), RangeError, "seed 0.5");
  assertThrows(() => g.randomBits([2], { seed: 2 ** 32 }), RangeError, "seed 4294967296");
  assertThrows(() => g.randomBits([2], { seed: g.tensor([1]) }), TypeError, "float32 [1]");
  assertThrows(() => g.randomBernoulli([2], 1.5, { seed: 1 }), RangeError, "1.5");
  assertThrows(() => g.randomBernoulli([2], NaN, { seed: 1 }), RangeError, "NaN");
});

Deno.test("randomUniform() stays within its ends, whatever they are, on every device", async () => {
  const ranges = [
    [0.5, 1.5],
    [1, 1 + 2 ** -22],
    [0.7, 0.8],
    [0.1, 0.30000001192],
    [-3e38, 3e38],
    [-(2 ** 128 - 2 ** 103), 2 ** 128 - 2 ** 103],
    [3, 3.0000002],
    [-1, 0],
    [-1e-30, 1e-30],
    [1.3e-38, 2e-38],
    [16777216, 16777218],
  ];
  for (const { name, device } of everyDevice) {
    const program = await compileProgram(() => ({
      outputs: Object.fromEntries(
        ranges.map(([low, high], i) => [`y${i}`, g.randomUniform([4000], { seed: i, low, high })]),
      ),
    }), { device });
    const found = await program.call();
    program.close();
    ranges.forEach(([low, high], i) => {
      const what = `from ${low} up to ${high} on ${name}`;
      const values = [...found[`y${i}`].data];
      assert(values.every((x) => x >= low && x < high), what);
      const middle = values.filter((x) => x < low / 2 + high / 2).length;
      // Where there are just two or three numbers, one of them may be most of the range.
      assert(middle > 1000 || new Set(values).size < 4, `${middle} below the middle ${what}`);
    });
  }
});

Deno.test("randomUniform() refuses ends between which there is no number", () => {
  for (const [low, high] of [[1, 1], [2, 1], [0.1, 0.1]]) {
    assertThrows(
      () => g.randomUniform([2], { seed: 1, low, high }),
      RangeError,
      `Cannot apply randomUniform from ${low} up to but without ${high}: there is no float32 between them`,
    );
  }
  for (const [low, high] of [[NaN, 1], [0, Infinity], [-Infinity, 0]]) {
    assertThrows(() => g.randomUniform([2], { seed: 1, low, high }), Error, "Cannot apply randomUniform");
  }
});
