/** Loops that are longer than what llvmpipe makes in one invocation: 65,535 rounds in all; beyond, it does nothing. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import { i32 } from "../../engine/expression/expr.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { roundsOfThread, withinRounds } from "../../devices/webgpu/codegen/loop_rounds.ts";
import type { MergedNest } from "../../devices/loop_nest/merged_nest.ts";
import type { NestThreads } from "../../devices/webgpu/codegen/wgsl_loop_body.ts";
import type { Reduction } from "../../devices/loop_nest/reduction.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { withPolicy } from "../with_policy.ts";

async function valuesOf(
  device: Device,
  build: (given: Record<string, Tensor>) => Record<string, Tensor>,
  inputs: Record<string, NdArray> = {},
): Promise<Record<string, number[]>> {
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: build(given) }),
    { device, inputs },
  );
  const outputs = await program.call(inputs);
  program.close();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data].map(Number)]));
}

const uncut = { reductions: [], contractions: [] };
const devices = everyDevice.flatMap(({ name, device }) => [
  { name, device },
  { name: `${name} with nothing cut into parts`, device: withPolicy(device, { split: uncut }) },
]);

/** More than 65,535 times four. */
const LONG = 300_007;

for (const { name, device } of devices) {
  Deno.test(`sums of columns take in every row on ${name}`, async () => {
    const { y, z } = await valuesOf(device, () => {
      const rows = g.iota(65_536, "float32");
      const counted = g.where(g.lessEqual(g.reshape(rows, [65_536, 1]), g.full([513], 65_535)), 1, 0);
      return { y: g.sum(counted, 0), z: g.sum(g.ones([65_536, 513]), 0) };
    });
    assertEquals([...new Set(y), y.length], [65_536, 513]);
    assertEquals([...new Set(z), z.length], [65_536, 513]);
  });

  Deno.test(`reductions of every kind take in the last of many values on ${name}`, async () => {
    const found = await valuesOf(device, ({ x }) => ({
      sum: g.sum(x, 0),
      max: g.max(x, 0),
      min: g.min(g.neg(x), 0),
      argMax: g.argMax(x, 0),
      argMin: g.argMin(g.neg(x), 0),
      logSumExp: g.logSumExp(x, 0),
      all: g.argMax(g.reshape(x, [3 * LONG]), 0),
      middle: g.argMax(g.max(g.reshape(x, [1, LONG, 3]), 2), 1),
    }), {
      x: ndarray(
        "float32",
        [LONG, 3],
        Float32Array.from({ length: 3 * LONG }, (_, i) => i < 3 * LONG - 3 ? 0 : 64),
      ),
    });
    const three = (value: number) => [value, value, value];
    assertEquals(found.sum, three(64));
    assertEquals(found.max, three(64));
    assertEquals(found.min, three(-64));
    assertEquals(found.argMax, three(LONG - 1));
    assertEquals(found.argMin, three(LONG - 1));
    assert(found.logSumExp.every((value) => Math.abs(value - 64) < 1e-5), `${found.logSumExp}`);
    assertEquals(found.all, [3 * LONG - 3]);
    assertEquals(found.middle, [LONG - 1]);
  });

  Deno.test(`a short result of a long reduction takes in the last value on ${name}`, async () => {
    const { y } = await valuesOf(device, ({ x }) => ({ y: g.max(x, 1) }), {
      x: ndarray(
        "uint8",
        [2, LONG],
        Uint8Array.from({ length: 2 * LONG }, (_, i) => i === 2 * LONG - 1 ? 7 : 1),
      ),
    });
    assertEquals(y, [1, 7]);
  });

  Deno.test(`products over many terms take in the last one on ${name}`, async () => {
    // A prime number of terms, which no parts of one length make up.
    const terms = 400_009;
    const last = (count: number) =>
      Float32Array.from({ length: count * terms }, (_, i) => i % terms === terms - 1 ? 2 : 0);
    const { y, single } = await valuesOf(device, ({ a, b }) => ({
      y: g.matmul(a, b, { transposeB: true }),
      single: g.matmul(g.slice(a, [0, 0], [1, terms]), b, { transposeB: true }),
    }), {
      a: ndarray("float32", [3, terms], last(3)),
      b: ndarray("float32", [5, terms], last(5)),
    });
    assertEquals(y, new Array(15).fill(4));
    assertEquals(single, new Array(5).fill(4));
  });

  Deno.test(`the gradient of a gather takes in the last of many places on ${name}`, async () => {
    const places = Int32Array.from({ length: LONG }, (_, i) => i < LONG - 1 ? 0 : 4);
    const { y } = await valuesOf(device, ({ table, at }) => {
      const [gradient] = g.grad(g.sum(g.gather(table, at)), [table]);
      return { y: gradient };
    }, { table: ndarray("float32", [5, 2], new Float32Array(10)), at: ndarray("int32", [LONG], places) });
    assertEquals(y, [LONG - 1, LONG - 1, 0, 0, 0, 0, 0, 0, 1, 1]);
  });
}

/** A nest of loops of these sizes around a sum. */
function nestOf(over: readonly number[], dotOver: readonly number[] = []): MergedNest {
  const loops = (sizes: readonly number[]) => sizes.map((size, i) => ({ name: `a${i}`, size }));
  const [outer, inner] = [loops(over), loops(dotOver)];
  const reduction = { value: i32(0) } as Reduction;
  return {
    space: [{ name: "n", size: 8 }],
    over: outer,
    dotOver: inner,
    stores: [],
    reductions: over.length > 0 ? [reduction] : [],
    dot: dotOver.length > 0 ? reduction : undefined,
  };
}

const alone = { sharers: 1, unrolled: 4, takesTurns: false } as NestThreads;
const limits = { maxSharers: 128, maxRounds: 50_000 };

Deno.test("roundsOfThread() counts the rounds of all loops, outer ones too", () => {
  assertEquals(roundsOfThread(nestOf([100, 40]), alone), 100 + 100 * 10);
  assertEquals(roundsOfThread(nestOf([3], [100, 40]), alone), 3 + 300 + 3000);
  assertEquals(roundsOfThread(nestOf([]), alone), 0);
});

Deno.test("withinRounds() shares a sum among more threads, then writes more of it out", () => {
  const take = (nest: MergedNest) => withinRounds("sum", nest, alone, limits);
  assertEquals(take(nestOf([200_000])), alone);
  assertEquals(take(nestOf([390_000])), { ...alone, takesTurns: true, sharers: 2 });
  // Short inner loops are one with the others.
  assertEquals(take(nestOf([60_000, 2])), { ...alone, takesTurns: true });
  assertEquals(take(nestOf([2 ** 26])), { ...alone, takesTurns: true, sharers: 128, unrolled: 16 });
  assertEquals(take(nestOf([], [2 ** 20])), { ...alone, takesTurns: true, sharers: 8 });
});

Deno.test("withinRounds() refuses what it cannot share, with a sentence", () => {
  assertThrows(
    () => withinRounds("max of products", nestOf([4], [60_000]), alone, limits),
    RangeError,
    "Cannot compute max of products with an adapter that is a program: each result takes 60,004 rounds of a loop",
  );
});
