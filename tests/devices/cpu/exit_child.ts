/** Runs a program on two threads, says what came out, and leaves the device open. */
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import * as g from "../../../ops/mod.ts";

const device = cpuDevice({ threads: 2 });
const x = g.full([300, 300], 1);
const program = await compileProgram(() => ({ outputs: { y: g.sum(g.matmul(g.exp(g.mul(x, 0)), x)) } }), {
  device,
});
console.log((await program.call()).y.data[0]);
