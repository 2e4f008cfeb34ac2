/** Long lines are sorted in few kernels. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { ndarray } from "../../engine/array.ts";
import * as g from "../../ops/mod.ts";
import { random } from "../check_op.ts";
import { everyDevice } from "../devices.ts";

const LENGTH = 65_536;

for (const { name, device } of everyDevice) {
  Deno.test(`sort() of 65,536 elements is right in fifteen kernels on ${name}`, async () => {
    const program = await compileProgram(
      (_state, { x }) => ({ outputs: { y: g.sort(x) } }),
      { device, inputs: { x: { dtype: "float32", shape: [LENGTH] } } },
    );
    assert(program.summary.dispatches <= 15, `${program.summary.dispatches} kernels`);
    const next = random(5);
    const x = Float32Array.from({ length: LENGTH }, () => next() - 0.5);
    const { y } = await program.call({ x: ndarray("float32", [LENGTH], x) });
    const wanted = x.toSorted();
    assertEquals(y.data.findIndex((value, i) => value !== wanted[i]), -1);
    program.close();
  });
}
