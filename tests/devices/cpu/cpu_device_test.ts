/** The cpu device: large programs, many programs, and what happens after it is closed. */
import { assert, assertEquals, assertLess, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import type { Device } from "../../../engine/device.ts";
import { DeviceError } from "../../../engine/errors.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as g from "../../../ops/mod.ts";

const one = () => cpuDevice({ threads: 1 });

/** A program with outputs, constants and temporaries. */
async function someProgram(device: Device, seed: number) {
  const x = g.tensor(Float32Array.from({ length: 20_000 }, (_, i) => (i + seed) % 7), [100, 200]);
  return await compileProgram(() => ({ outputs: { y: g.sum(g.softmax(g.matmul(x, g.transpose(x)))) } }), {
    device,
  });
}

Deno.test("cpuDevice() refuses numbers of threads that make no sense", () => {
  for (const threads of [0, -1, 1.5, NaN, 257]) {
    assertThrows(() => cpuDevice({ threads }), RangeError, `threads ${threads}`);
  }
});

Deno.test("the device says how many threads it has and which instructions it uses", () => {
  assertMatch(one().description, /^cpu, 1 thread, WebAssembly (relaxed )?SIMD$/);
  assertEquals(one().kind, "cpu");
});

Deno.test("element-wise programs of 70,001 elements and of some megabytes are right to the last element", async () => {
  const device = one();
  for (const size of [70_001, 3_000_003]) {
    const x = Float32Array.from({ length: size }, (_, i) => i % 1000);
    const inputs = { x: { dtype: "float32", shape: [size] } } as const;
    const program = await compileProgram((_s, { x }: Record<"x", Tensor>) => ({
      outputs: { y: g.add(g.mul(x, 2), g.cast(g.greater(x, 500), "float32")), turned: g.reverse(x) },
    }), { device, inputs });
    const { y, turned } = await program.call({ x });
    assert(y.data.every((v, i) => v === 2 * x[i] + +(x[i] > 500)));
    assert(turned.data.every((v, i) => v === x[size - 1 - i]));
    program.close();
  }
});

Deno.test("slices and paddings far inside of large tensors are right, and so are their gradients", async () => {
  const device = one();
  const size = 6_000_000;
  const inputs = { x: { dtype: "float32", shape: [size] } } as const;
  const program = await compileProgram((_s, { x }: Record<"x", Tensor>) => {
    const end = g.slice(x, [size - 5], [5]);
    const far = g.slice(g.pad(end, [[size, 3]], -1), [size - 1], [8]);
    return { outputs: { far, gradient: g.slice(g.grad(g.sum(g.square(end)), [x])[0], [size - 7], [7]) } };
  }, { device, inputs });
  const x = new Float32Array(size);
  x.set([1, 2, 3, 4, 5], size - 5);
  const { far, gradient } = await program.call({ x });
  assertEquals([...far.data], [-1, 1, 2, 3, 4, 5, -1, -1]);
  assertEquals([...gradient.data], [0, 0, 2, 4, 6, 8, 10]);
  device.close();
});

Deno.test("programs that are closed give their memory back", async () => {
  const device = one();
  const addressOf = () => (device.allocate(4096, "probe") as unknown as { address: number });
  const before = addressOf();
  device.release(before as never);
  for (let i = 0; i < 100; i++) {
    const program = await someProgram(device, i);
    program.run();
    program.close();
  }
  assertEquals(addressOf(), before);
});

Deno.test("programs and state that nobody refers to any more give their memory back", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--v8-flags=--expose-gc", new URL("collect_child.ts", import.meta.url).href],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const [early, late] = new TextDecoder().decode(stdout).split(" ").map(Number);
  // Fifty more rounds of two megabytes each.
  assertLess(late, early + 10_000_000);
});

Deno.test("a device that was closed refuses everything with a DeviceError", async () => {
  for (const threads of [1, 2]) {
    const device = cpuDevice({ threads });
    const state = new State(device, { n: ndarray("float32", [3], [1, 2, 3]) });
    const program = await compileProgram((s: Record<"n", Tensor>) => ({ outputs: { y: g.mul(s.n, 2) } }), {
      device,
      state,
    });
    assertEquals([...(await program.call()).y.data], [2, 4, 6]);
    device.close();
    device.close();
    assertThrows(() => program.run(), DeviceError, "closed");
    assertThrows(() => state.write("n", new Float32Array(3)), DeviceError, "closed");
    assertThrows(() => device.allocate(1, "x"), DeviceError, "closed");
    await assertRejects(() => program.read("y"), DeviceError, "closed");
    await assertRejects(() => state.read("n"), DeviceError, "closed");
    await assertRejects(() => someProgram(device, 0), DeviceError, "closed");
    program.close();
    state.close();
  }
});

Deno.test("work that was started before a device with threads was closed ends in a DeviceError, not in a wait", async () => {
  const device = cpuDevice({ threads: 2 });
  const program = await someProgram(device, 1);
  program.run({ times: 1000 });
  const reading = program.read("y");
  device.close();
  await assertRejects(() => reading, DeviceError, "closed");
});

Deno.test("element-wise chains of four hundred steps can be compiled", async () => {
  const device = one();
  const program = await compileProgram(() => {
    let x = g.tensor([1, 2, 3]);
    for (let i = 0; i < 400; i++) x = g.tanh(g.add(x, 0.1));
    return { outputs: { x } };
  }, { device });
  const { x } = await program.call();
  assert(x.data.every((v) => v > 0.5 && v < 1));
  program.close();
});
