/** Convolutions with fewer products: which they are, how exact they are, and the same bits on any number of threads. */
import { assert, assertEquals } from "@std/assert";
import type { NdArray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { shortConvolution } from "../../../devices/cpu/winograd/toom_cook.ts";
import * as g from "../../../ops/mod.ts";
import { convolution } from "../../oracle/products.ts";
import { randomArrays } from "../../random_arrays.ts";

/** Threads go on after the test that started them. */
const free = { sanitizeOps: false, sanitizeResources: false };

type Shape = readonly number[];
type Build = (x: Tensor, w: Tensor) => Tensor[];

/** What is computed for random inputs of some shapes, and how. */
async function computed(shapes: readonly [Shape, Shape], build: Build, threads = 1) {
  const device = cpuDevice({ threads });
  const arrays = randomArrays({ x: shapes[0], w: shapes[1] }, 7);
  const typeOf = ({ dtype, shape }: NdArray) => ({ dtype, shape });
  const program = await compileProgram((_state, { x, w }: Record<"x" | "w", Tensor>) => {
    const results = build(x, w);
    return { outputs: Object.fromEntries(results.map((r, i) => [`r${i}`, r])) };
  }, { device, inputs: { x: typeOf(arrays.x), w: typeOf(arrays.w) } });
  const how = program.explain();
  const results = Object.values(await program.call(arrays)) as NdArray[];
  device.close();
  return { arrays, how, results };
}

const isShort = (how: string) => how.includes("Winograd");

/** A convolution with both of its gradients. */
const layer: Build = (x, w) => {
  const y = g.conv2d(x, w, { padding: "same" });
  return [y, ...g.grad(g.sum(g.square(y)), [x, w])];
};

Deno.test("sums are what they are with plain products", () => {
  for (const [m, r] of [[2, 3], [3, 2], [4, 3], [3, 4]]) {
    for (const seldom of ["weight", "output"] as const) {
      const { input, weight, output } = shortConvolution(m, r, seldom);
      const d = Array.from({ length: m + r - 1 }, (_, i) => Math.sin(1 + 3 * i));
      const w = Array.from({ length: r }, (_, i) => Math.cos(2 + 5 * i));
      const times = (matrix: typeof input, values: readonly number[]) =>
        matrix.map((row) => row.reduce((sum, n, i) => sum + n * values[i], 0));
      const weights = times(weight, w);
      const sums = times(output, times(input, d).map((v, i) => v * weights[i]));
      assertEquals(sums.length, m);
      sums.forEach((sum, i) => {
        const plain = w.reduce((all, v, k) => all + v * d[i + k], 0);
        assert(Math.abs(sum - plain) < 1e-12, `${m} sums of ${r} terms: ${sum} instead of ${plain}`);
      });
    }
  }
});

Deno.test("windows of three rows and columns have fewer products, where there are channels and places enough", async () => {
  const conv = (options: Parameters<typeof g.conv2d>[2]): Build => (x, w) => [g.conv2d(x, w, options)];
  const same = { padding: "same" } as const;
  const short: [string, Shape, Shape, Build][] = [
    ["plain ones", [4, 16, 16, 16], [3, 3, 16, 16], conv({})],
    ["with padding", [4, 16, 16, 8], [3, 3, 8, 16], conv(same)],
    ["small images, if there are many", [32, 4, 4, 16], [3, 3, 16, 16], conv(same)],
  ];
  for (const [what, x, w, build] of short) assert(isShort((await computed([x, w], build)).how), what);
  const others: [string, Shape, Shape, Build][] = [
    ["few channels", [4, 16, 16, 3], [3, 3, 3, 16], conv({})],
    ["few places", [1, 8, 8, 16], [3, 3, 16, 16], conv(same)],
    ["images that fill few of the tiles", [64, 5, 5, 16], [3, 3, 16, 16], conv({ padding: "same" })],
    ["longer steps", [4, 32, 32, 16], [3, 3, 16, 16], conv({ strides: 2 })],
    ["windows with gaps", [4, 32, 32, 16], [3, 3, 16, 16], conv({ dilations: 2 })],
    ["larger windows", [4, 16, 16, 16], [5, 5, 16, 16], conv({})],
    ["groups", [4, 16, 16, 32], [3, 3, 16, 32], conv({ groups: 2 })],
  ];
  for (const [what, x, w, build] of others) assert(!isShort((await computed([x, w], build)).how), what);
});

Deno.test("rounding is at most four times that of plain sums in single precision", async () => {
  const { arrays: { x, w }, how, results } = await computed([[2, 16, 16, 32], [3, 3, 32, 24]], (x, w) => [
    g.conv2d(x, w, { padding: "same" }),
  ]);
  assert(isShort(how));
  const inDoubles = ({ data, shape }: NdArray) => ({ data: Float64Array.from(data), shape });
  const exact = convolution(inDoubles(x), inDoubles(w), { padding: "same" }).data;
  const distance = (values: ArrayLike<number>) =>
    Math.sqrt(exact.reduce((sum, e, i) => sum + (values[i] - e) ** 2, 0) / exact.length);
  const plain = new Float32Array(exact.length);
  const [n, height, width, channels] = x.shape;
  const filters = w.shape[3];
  for (let i = 0; i < n * height * width; i++) {
    const [row, column] = [Math.floor(i / width) % height, i % width];
    for (let k = 0; k < 9; k++) {
      const [r, q] = [row + Math.floor(k / 3) - 1, column + k % 3 - 1];
      if (r < 0 || r >= height || q < 0 || q >= width) continue;
      const from = (i + (r - row) * width + q - column) * channels;
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < filters; o++) {
          plain[i * filters + o] += Math.fround(x.data[from + c] * w.data[(k * channels + c) * filters + o]);
        }
      }
    }
  }
  assert(distance(results[0].data) < 4 * distance(plain), `${distance(results[0].data)}, ${distance(plain)}`);
});

Deno.test({
  ...free,
  name: "a layer and its gradients have the same bits on one, two and three threads",
  fn: async () => {
    const shapes = [[5, 11, 14, 16], [3, 3, 16, 20]] as const;
    const one = await computed(shapes, layer);
    // The layer, the gradient to its image and the one to its weight.
    assertEquals([...one.how.matchAll(/Winograd/g)].length, 3);
    for (const threads of [2, 3]) {
      const several = await computed(shapes, layer, threads);
      assertEquals(several.results.map((r) => r.data), one.results.map((r) => r.data));
    }
  },
});
