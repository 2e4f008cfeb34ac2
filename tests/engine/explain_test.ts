/** What programs say about themselves. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { explain, formatBytes, formatFlops } from "../../engine/explain.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { cpu } from "../devices.ts";
import { planOf, state } from "./plans.ts";

Deno.test("explain() names every kernel with its loops, operands, work and memory", async () => {
  const inputs = {
    image: { dtype: "float32", shape: [2, 8, 8, 3] },
    w: { dtype: "float32", shape: [3, 3, 3, 8] },
  } as const;
  const program = await compileProgram((_s, { image, w }: Record<"image" | "w", Tensor>) => {
    const y = g.maxPool2d(g.relu(g.conv2d(image, w)));
    return { outputs: { probabilities: g.softmax(g.flatten(y)) } };
  }, { device: cpu.device, inputs });
  const text = program.explain();
  assertMatch(text, /^\d+ nodes in 3 kernels, \d+(\.\d)? kFLOP a run\n/);
  for (
    const part of ["conv2d", "maxPool2d", "contract 3x3x3", "reduce 2x2", "image, w -> ", "temporaries of"]
  ) {
    assertStringIncludes(text, part);
  }
  assertEquals(text.split("\n").filter((line) => /^ {1,2}\d+ /.test(line)).length, 3);
  const { summary } = program;
  assertEquals([summary.dispatches, summary.submits], [3, 1]);
  assert(summary.flops > 2 * 2 * 36 * 27 * 8 && summary.plannedBytes >= summary.liveBytes);
  program.close();
});

Deno.test("what a pool leaves out of a convolution is not counted as work", () => {
  const kernelsOf = (size: number) => {
    const image = state("image", [2, size, size, 3]);
    return planOf({ y: g.maxPool2d(g.conv2d(image, state("w", [3, 3, 3, 8]))) }).kernels;
  };
  // Results of 4 x 4 and of 5 x 5, of which windows of 2 x 2 need 4 x 4.
  const [all, some] = [kernelsOf(6), kernelsOf(7)];
  assertEquals([all.length, some.length], [1, 1]);
  assertEquals(some[0].flops, all[0].flops);
});

Deno.test("explain() says where state is written, and calls things by the names that they were given", () => {
  const weights = state("weights", [500]);
  const next = g.mul(weights, 0.5).named("decayed");
  const text = explain(planOf({}, [[weights, next]]), ["by hand"]);
  assertStringIncludes(text, "1 decayed");
  assertStringIncludes(text, "loops 500, 500 FLOP; by hand");
  assertMatch(text, /weights -> decayed#\d+ in weights/);
  assertStringIncludes(text, "0 temporaries of 0 B in 0 B (at most 0 B at once)");
});

Deno.test("formatBytes() and formatFlops() give three or four digits and a unit", () => {
  assertEquals([0, 999, 1000, 1536, 25_000_000, 3e9, 5e15].map(formatBytes), [
    "0 B",
    "999 B",
    "1.00 kB",
    "1.54 kB",
    "25.0 MB",
    "3.00 GB",
    "5000.0 TB",
  ]);
  assertEquals([12, 823_700_000, 1e12].map(formatFlops), ["12 FLOP", "823.7 MFLOP", "1.0 TFLOP"]);
});
