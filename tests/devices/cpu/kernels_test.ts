/** Which variants of kernels are computed: the tests of ops mean to reach all of these. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as g from "../../../ops/mod.ts";
import { cpu } from "../../devices.ts";
import { type Build, wayOn } from "../variant_on.ts";

const variantOf = (shapes: readonly (readonly number[])[], build: Build) => wayOn(cpu.device, shapes, build);

const product = (m: number, k: number, n: number) => variantOf([[m, k], [k, n]], (a, b) => g.matmul(a, b));

Deno.test("products with a few rows, columns and terms are computed in tiles", async () => {
  assertStringIncludes(await product(31, 17, 33), "tiles of 6 x 8, sums of 17");
  assertStringIncludes(await product(2, 129, 3), "tiles of 2 x 8, sums of 129");
  assertStringIncludes(await product(7, 17, 9), "tiles of 4 x 8");
});

Deno.test("products with one row, two columns or little to do are computed in plain loops", async () => {
  for (const [m, k, n] of [[1, 64, 33], [33, 64, 2], [3, 5, 7]]) {
    assertStringIncludes(await product(m, k, n), "; loops");
  }
});

Deno.test("sums of more than a thousand terms are taken in parts", async () => {
  assertStringIncludes(await product(31, 1300, 33), "sums of 1300 in parts of 600");
  assertMatch(await product(31, 700, 33), /sums of 700\n/);
  const image = await variantOf([[1, 4, 5, 150], [2, 2, 150, 11]], (x, w) => g.conv2d(x, w));
  assertMatch(image, /sums of 600\n/);
});

Deno.test("convolutions are computed in tiles, forward and both gradients", async () => {
  const text = await variantOf([[2, 12, 12, 4], [3, 3, 4, 16]], (x, w) => {
    const y = g.conv2d(x, w, { padding: "same" });
    const [toX, toW] = g.grad(g.sum(g.square(y)), [x, w]);
    return g.add(g.sum(toX), g.sum(toW));
  });
  assertEquals(text.match(/tiles of/g)?.length, 3);
});

Deno.test("sums go without what is outside of small images, if there are enough of them for the rows of a tile", async () => {
  const isWithoutPadding = async (batch: number, size: number) => {
    const text = await variantOf(
      [[batch, size, size, 4], [3, 3, 4, 16]],
      (x, w) => g.conv2d(x, w, { padding: "same" }),
    );
    return text.includes("without padding");
  };
  assertEquals(await isWithoutPadding(4, 8), false);
  assertEquals(await isWithoutPadding(5, 8), true);
  assertEquals(await isWithoutPadding(5, 32), false);
});

Deno.test("convolutions of images that are enlarged where they are read are computed in tiles", async () => {
  const text = await variantOf([[8, 4, 4, 4], [3, 3, 4, 16]], (x, w) => {
    const tall = g.broadcastTo(g.reshape(x, [8, 4, 1, 4, 1, 4]), [8, 4, 2, 4, 2, 4]);
    return g.conv2d(g.reshape(tall, [8, 8, 8, 4]), w, { padding: "same" });
  });
  assertStringIncludes(text, "tiles of");
});

Deno.test("a pooling window behind a convolution is taken inside of the tiles", async () => {
  for (const poolSize of [[2, 2], [3, 2], [1, 2]] as const) {
    const text = await variantOf(
      [[2, 13, 12, 8], [2, 2, 8, 16]],
      (x, w) => g.maxPool2d(g.relu(g.conv2d(x, w)), { poolSize }),
    );
    assertStringIncludes(text, "1 kernels");
    assertStringIncludes(text, `reduce ${poolSize.join("x")}`);
    assertMatch(text, /tiles of [46] x 8/);
  }
});

Deno.test("reductions run along the result or along the sum, whichever is contiguous", async () => {
  const sumOf = (shape: number[], axis: number) => variantOf([shape], (x) => g.sum(x, axis));
  assertStringIncludes(await sumOf([50, 64], 0), "four lanes along the result");
  assertStringIncludes(await sumOf([50, 64], 1), "four lanes along the sum");
  assertStringIncludes(await sumOf([2, 2], 1), "one by one");
});
