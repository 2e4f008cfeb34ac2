import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Initializer, initializerNames, initialValues } from "../../models/initializers.ts";

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const moment = (values: ArrayLike<number>, power: number) =>
  mean(Array.from(values).map((value) => value ** power));

/** A weight of 3x3 windows: each output sees 9 * 40 inputs, each input goes to 9 * 60 outputs. */
const shape = [3, 3, 40, 60];
const [fanIn, fanOut] = [360, 540];
const size = 9 * 40 * 60;

const spread: readonly { name: Initializer; variance: number; kind: "uniform" | "normal" }[] = [
  { name: "glorotUniform", variance: 2 / (fanIn + fanOut), kind: "uniform" },
  { name: "glorotNormal", variance: 2 / (fanIn + fanOut), kind: "normal" },
  { name: "heUniform", variance: 2 / fanIn, kind: "uniform" },
  { name: "heNormal", variance: 2 / fanIn, kind: "normal" },
  { name: { normal: 0.3 }, variance: 0.09, kind: "normal" },
  { name: { uniform: 0.3 }, variance: 0.03, kind: "uniform" },
];

for (const { name, variance, kind } of spread) {
  Deno.test(`initialValues() of ${JSON.stringify(name)} has the mean, variance and tails of theory`, () => {
    const values = initialValues(name, shape, 5, 0);
    assertEquals(values.length, size);
    // Five standard errors; those of mean, variance and fourth moment follow from the distribution.
    const [fourth, eighth] = kind === "uniform" ? [9 / 5, 9] : [3, 105];
    const allowed = (deviation: number) => 5 * deviation / Math.sqrt(size);
    assertAlmostEquals(mean(values), 0, allowed(Math.sqrt(variance)));
    assertAlmostEquals(moment(values, 2) / variance, 1, allowed(Math.sqrt(fourth - 1)));
    assertAlmostEquals(moment(values, 4) / variance ** 2, fourth, allowed(Math.sqrt(eighth)));
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) / Math.sqrt(variance);
    if (kind === "uniform") assert(largest <= Math.sqrt(3) * 1.000001 && largest > 1.72, `${largest}`);
    else assert(largest > 3.5 && largest < 6.5, `${largest}`);
  });
}

Deno.test("initialValues() counts inputs and outputs of a dense weight", () => {
  const limit = (values: Float32Array) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  assertAlmostEquals(limit(initialValues("heUniform", [24, 5000], 1, 0)), Math.sqrt(6 / 24), 1e-3);
  assertAlmostEquals(limit(initialValues("heUniform", [5000, 24], 1, 0)), Math.sqrt(6 / 5000), 1e-4);
});

const matrices = [
  [24, 24, [24, 24]],
  [12, 31, [12, 31]],
  [36, 8, [3, 3, 4, 8]],
  [67, 130, [67, 130]],
  [130, 67, [130, 67]],
  [1, 1, [1, 1]],
  [1, 5, [1, 5]],
] as const;
for (const [rows, columns, of] of matrices) {
  Deno.test(`initialValues() of "orthogonal" [${of.join(", ")}] has rows or columns at right angles`, () => {
    const values = initialValues("orthogonal", of, 3, 1);
    const vectors = rows < columns
      ? Array.from({ length: rows }, (_, r) => values.subarray(r * columns, (r + 1) * columns))
      : Array.from({ length: columns }, (_, c) => values.filter((_, i) => i % columns === c));
    vectors.forEach((a, i) =>
      vectors.forEach((b, j) => {
        const product = a.reduce((sum, x, k) => sum + x * b[k], 0);
        assertAlmostEquals(product, i === j ? 1 : 0, 1e-6, `of ${i} and ${j}`);
      })
    );
  });
}

Deno.test('initialValues() of "orthogonal" [1024, 1024] has columns at right angles', () => {
  const n = 1024;
  const values = initialValues("orthogonal", [n, n], 3, 1);
  for (const a of [0, 17, 513, 1023]) {
    for (let b = 0; b < n; b++) {
      let product = 0;
      for (let i = 0; i < n; i++) product += values[i * n + a] * values[i * n + b];
      assertAlmostEquals(product, a === b ? 1 : 0, 1e-6, `of ${a} and ${b}`);
    }
  }
});

Deno.test('initialValues() of "orthogonal" prefers no direction, and no side of a mirror', () => {
  const draws = Array.from({ length: 4000 }, (_, seed) => initialValues("orthogonal", [3, 3], seed, 0));
  const entries = draws.flatMap((m) => [...m]);
  // Each column is a direction in space: the mean of x^2 is 1/3, that of x^4 1/5.
  assertAlmostEquals(mean(entries), 0, 0.02);
  assertAlmostEquals(moment(entries, 2), 1 / 3, 1e-6);
  assertAlmostEquals(moment(entries, 4), 1 / 5, 0.01);
  for (let i = 0; i < 9; i++) assertAlmostEquals(mean(draws.map((m) => m[i])), 0, 0.05, `entry ${i}`);
  assertAlmostEquals(mean(draws.map((m) => m[0] + m[4] + m[8])), 0, 0.09);
  const determinants = draws.map(([a, b, c, d, e, f, g, h, i]) =>
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  );
  assertAlmostEquals(mean(determinants), 0, 0.09);
  // In space, the trace of an even rotation or mirror image has a second moment of 1.
  assertAlmostEquals(moment(draws.map((m) => m[0] + m[4] + m[8]), 2), 1, 0.1);
});

Deno.test("initialValues() of zeros, ones and a constant are those", () => {
  assertEquals([...initialValues("zeros", [2], 9, 9)], [0, 0]);
  assertEquals([...initialValues("ones", [2], 9, 9)], [1, 1]);
  assertEquals([...initialValues({ constant: -0.5 }, [3], 9, 9)], [-0.5, -0.5, -0.5]);
  assertEquals(initialValues("zeros", [], 0, 0).length, 1);
  assertEquals(initialValues("heNormal", [0, 4], 0, 0).length, 0);
});

Deno.test("initialValues() gives the same bits again, and others for another seed or stream", () => {
  for (const name of initializerNames.filter((n) => n !== "zeros" && n !== "ones")) {
    const values = initialValues(name, [6, 7], 3, 2);
    assertEquals(initialValues(name, [6, 7], 3, 2), values);
    assertNotEquals(initialValues(name, [6, 7], 4, 2), values);
    assertNotEquals(initialValues(name, [6, 7], 3, 3), values);
  }
});

Deno.test("initialValues() of neighbouring streams and seeds have nothing in common", () => {
  const draw = (seed: number, stream: number) => initialValues({ normal: 1 }, [20_000], seed, stream);
  const base = draw(1, 1);
  for (const other of [draw(1, 2), draw(2, 1), draw(2, 2), draw(0, 1)]) {
    const correlation = mean(base.map((x, i) => x * other[i]));
    assertAlmostEquals(correlation, 0, 5 / Math.sqrt(20_000));
    assert(!base.some((x, i) => i + 1 < other.length && x === other[i + 1] && x === other[i]));
  }
});

Deno.test("initialValues() refuses what is no initializer", () => {
  const wrong = ["glorot", "__proto__", { foo: 1 }, { normal: "1" }, { normal: NaN }, {}, 5];
  for (const name of wrong) {
    assertThrows(
      () => initialValues(name as Initializer, [2, 2], 0, 0),
      TypeError,
      "Cannot initialize with",
      JSON.stringify(name),
    );
  }
});

Deno.test("initialValues() begins each block of the last axis as a weight of its own", () => {
  const values = initialValues({ blocks: ["orthogonal", "zeros", { constant: 2 }] }, [3, 9], 4, 1);
  const row = (r: number, block: number) => [...values.subarray(r * 9 + block * 3, r * 9 + block * 3 + 3)];
  for (const r of [0, 1, 2]) {
    assertEquals([row(r, 1), row(r, 2)], [[0, 0, 0], [2, 2, 2]]);
    for (const other of [0, 1, 2]) {
      const product = row(r, 0).reduce((sum, value, i) => sum + value * row(other, 0)[i], 0);
      assertAlmostEquals(product, r === other ? 1 : 0, 1e-6);
    }
  }
  assertThrows(() => initialValues({ blocks: ["ones", "ones"] }, [3], 0, 0), RangeError, "[3] in 2 blocks");
  assertThrows(() => initialValues({ blocks: ["some" as Initializer] }, [3], 0, 0), TypeError, "blocks");
});
