/** Long running sums: few kernels, and each result joins few roundings. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { ndarray } from "../../engine/array.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";

const LENGTH = 1_000_000;

for (const { name, device } of everyDevice) {
  Deno.test(`cumsum() of a million elements is exact in seven kernels on ${name}`, async () => {
    const program = await compileProgram(
      (_state, { x }) => ({ outputs: { y: g.cumsum(x) } }),
      { device, inputs: { x: { dtype: "float32", shape: [LENGTH] } } },
    );
    assert(program.summary.dispatches <= 7, `${program.summary.dispatches} kernels`);
    const { y } = await program.call({ x: ndarray("float32", [LENGTH], new Float32Array(LENGTH).fill(1)) });
    // Whole numbers below 2^24 have exact forms.
    const wrong = y.data.findIndex((value, i) => value !== i + 1);
    assertEquals(wrong, -1);
    program.close();
  });
}

Deno.test("what a running op reads at several places is computed once", async () => {
  const program = await compileProgram(
    (_state, { x }) => ({ outputs: { y: g.cumsum(g.tanh(x)) } }),
    { device: everyDevice[0].device, inputs: { x: { dtype: "float32", shape: [4096] } } },
  );
  assertEquals(program.summary.dispatches, 5);
  program.close();
});
