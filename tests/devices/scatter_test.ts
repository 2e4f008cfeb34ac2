/** Sums that are scattered: on GPUs however small they are, with several threads, and where they are worth it. */
import { assert, assertEquals } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { FusePolicy } from "../../engine/passes/storage_choice.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { checkOnDevice, drawInputs } from "../check_op.ts";
import { cpu, cpuWithThreads, webgpu } from "../devices.ts";
import { input, planOf, policy } from "../engine/plans.ts";
import { scatterCases } from "../ops/scatter_cases.ts";
import { floats, integersIn } from "../ops/inputs.ts";
import { withPolicy } from "../with_policy.ts";

const scattering = (policy: FusePolicy): FusePolicy => ({
  ...policy,
  split: { ...policy.split, scatter: { fewestResults: 0 } },
});

if (webgpu) {
  const device = withPolicy(webgpu.device, scattering(webgpu.device.policy));
  for (const test of scatterCases) {
    Deno.test(`${test.name} runs on ${webgpu.name} scattered`, () => checkOnDevice(test, device));
  }
}

Deno.test("more updates than a thread of a software adapter counts to are all added", async () => {
  const count = 210_000;
  const places = Int32Array.from({ length: count }, (_, i) => i % 9);
  for (const { device } of [cpu, ...webgpu ? [webgpu] : []]) {
    const program = await compileProgram((_state, { places }) => ({
      outputs: { y: g.scatterAdd(g.zeros([9], "int32"), places, g.add(g.mul(places, 0), 1)) },
    }), {
      device: withPolicy(device, scattering(device.policy)),
      inputs: { places: { dtype: "int32", shape: [count] } },
    });
    const { data } = (await program.call({ places: ndarray("int32", [count], places) })).y;
    assertEquals([...data], Array.from({ length: 9 }, (_, place) => Math.ceil((count - place) / 9)));
    program.close();
  }
});

/** The gradient of the rows that words take from a table. */
function gradientOf(table: Tensor, words: Tensor, weights: Tensor): Tensor {
  return g.grad(g.sum(g.mul(g.gather(table, words), weights)), [table])[0];
}

Deno.test("a scattered sum has the same bits with one thread and with two, and on every run", async () => {
  const arrays = drawInputs([floats(60, 200), integersIn("int32", 0, 60, 700), floats(700, 200)]);
  const given = { table: arrays[0], words: arrays[1], weights: arrays[2] };
  const results: Uint8Array[] = [];
  for (const { device } of [cpu, cpuWithThreads(2)]) {
    const program = await compileProgram(
      (_state, { table, words, weights }) => ({ outputs: { y: gradientOf(table, words, weights) } }),
      { device, inputs: given },
    );
    for (let run = 0; run < 2; run++) {
      const { data } = (await program.call(given)).y;
      results.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice());
    }
    program.close();
    if (device !== cpu.device) device.close();
  }
  for (const bytes of results) assertEquals(bytes, results[0]);
});

Deno.test("an embedding's gradient is one kernel that goes through the words once, whatever comes behind it", () => {
  const [table, words, weights] = [
    input("table", [60, 20]),
    input("words", [70], "int32"),
    input("weights", [70, 20]),
  ];
  const gradient = gradientOf(table, words, weights);
  const plan = planOf({ next: g.sub(table, g.mul(gradient, 0.1)) }, [], scattering(policy));
  verifyPlan(plan);
  assertEquals(plan.kernels.map((kernel) => kernel.scatter !== undefined), [true, false]);
});

Deno.test("a few places are gathered, and so is everything on a device that has no variant to scatter", () => {
  const gradient = (places: number) =>
    gradientOf(input("table", [places, 20]), input("words", [70], "int32"), input("weights", [70, 20]));
  assert(!planOf({ y: gradient(4) }, [], scattering(policy)).kernels.some((kernel) => kernel.scatter));
  assert(!planOf({ y: gradient(60) }).kernels.some((kernel) => kernel.scatter));
});
