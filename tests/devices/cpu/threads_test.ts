/** Several threads: the same bits as one, run after run; and a process that ends when its work is done. */
import { assert, assertEquals } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import type { Device } from "../../../engine/device.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as g from "../../../ops/mod.ts";
import { random } from "../../check_op.ts";

/** Threads go on after the test that started them. */
const free = { sanitizeOps: false, sanitizeResources: false };

const shapes = { w0: [3, 3, 3, 16], b0: [16], w1: [3, 3, 16, 24], b1: [24], w2: [6 * 6 * 24, 10] } as const;
type Name = keyof typeof shapes;

function drawn(shape: readonly number[], seed: number, scale: number) {
  const next = random(seed);
  const count = shape.reduce((a, b) => a * b, 1);
  return ndarray("float32", shape, Float32Array.from({ length: count }, () => scale * (2 * next() - 1)));
}

/** Some training steps of a convolutional network; the bits of weights and losses. */
async function train(device: Device, steps: number): Promise<Uint8Array[]> {
  const start = Object.entries(shapes).map(([name, shape], i) => [name, drawn(shape, i, 0.2)] as const);
  const state = new State<Name | "loss">(device, {
    ...Object.fromEntries(start),
    loss: ndarray("float32", [], [0]),
  } as Record<Name | "loss", ReturnType<typeof ndarray>>);
  const inputs = {
    images: { dtype: "float32", shape: [16, 32, 32, 3] },
    labels: { dtype: "int32", shape: [16] },
  } as const;
  const names = Object.keys(shapes) as Name[];
  const program = await compileProgram((s, { images, labels }: Record<"images" | "labels", Tensor>) => {
    const first = g.maxPool2d(g.relu(g.add(g.conv2d(images, s.w0), s.b0)));
    const second = g.maxPool2d(g.tanh(g.add(g.conv2d(first, s.w1), s.b1)));
    const loss = g.mean(g.softmaxCrossEntropy(g.matmul(g.flatten(second), s.w2), labels));
    const gradients = g.grad(loss, names.map((n) => s[n]));
    const next = names.map((n, i) => [n, g.sub(s[n], g.mul(gradients[i], 0.05))] as const);
    return { state: { ...Object.fromEntries(next), loss: g.add(s.loss, loss) } };
  }, { device, state, inputs });
  const labels = Int32Array.from({ length: 16 }, (_, i) => i % 10);
  program.run({ inputs: { images: drawn(inputs.images.shape, 99, 1), labels }, times: steps });
  const bits: Uint8Array[] = [];
  for (const name of state.names) bits.push(new Uint8Array((await state.read(name)).data.slice().buffer));
  program.close();
  state.close();
  return bits;
}

Deno.test({
  name: "one, two and three threads train a network to the same bits, run after run",
  ...free,
  async fn() {
    const devices = [1, 2, 3, 2].map((threads) => cpuDevice({ threads }));
    const [expected, ...others] = await Promise.all(devices.map((device) => train(device, 3)));
    const loss = new Float32Array(expected.at(-1)!.buffer)[0];
    assert(loss > 0 && loss < 30, `the loss is ${loss}`);
    for (const bits of others) assertEquals(bits, expected);
    assertEquals(await train(devices[1], 3), expected);
    devices.forEach((device) => device.close());
  },
});

Deno.test({
  name: "stages without anything to do do not let threads run ahead",
  ...free,
  async fn() {
    const device = cpuDevice({ threads: 3 });
    const x = Float32Array.from({ length: 300 }, (_, i) => i % 5);
    const inputs = {
      x: { dtype: "float32", shape: [300] },
      none: { dtype: "float32", shape: [0, 3] },
    } as const;
    const program = await compileProgram((_s, { x, none }: Record<"x" | "none", Tensor>) => {
      // A small kernel, an empty one that waits for it, and a large one that waits for both.
      const small = g.softmax(x);
      const empty = g.add(none, g.sum(small));
      const table = g.add(g.matmul(g.reshape(small, [300, 1]), g.ones([1, 1000])), g.sum(empty));
      return { outputs: { total: g.sum(g.exp(table)), empty } };
    }, { device, inputs });
    const none = new Float32Array(0);
    const first = (await program.call({ x, none })).total.data[0];
    for (let i = 0; i < 50; i++) {
      program.run({ inputs: { x: x.map((v) => v + i), none } });
      assertEquals((await program.call({ x, none })).total.data[0], first);
    }
    device.close();
  },
});

Deno.test({
  name: "programs of one device run one after another, in the order in which they were started",
  ...free,
  async fn() {
    const device = cpuDevice({ threads: 2 });
    const state = new State(device, { n: ndarray("float32", [70_000], new Float32Array(70_000)) });
    const add = await compileProgram((s: Record<"n", Tensor>) => ({ state: { n: g.add(s.n, 1) } }), {
      device,
      state,
    });
    const double = await compileProgram((s: Record<"n", Tensor>) => ({ state: { n: g.mul(s.n, 2) } }), {
      device,
      state,
    });
    for (let i = 0; i < 10; i++) {
      add.run();
      double.run();
    }
    state.write("n", new Float32Array(70_000).fill(5));
    add.run({ times: 3 });
    const before = await state.read("n");
    double.run();
    assertEquals([before.data[0], before.data[69_999]], [8, 8]);
    assertEquals((await state.read("n")).data[69_999], 16);
    device.close();
  },
});

Deno.test("a process ends by itself while a device with threads is open", async () => {
  const started = Date.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", new URL("exit_child.ts", import.meta.url).href],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  assert(success, `after ${Date.now() - started} ms: ${text.decode(stderr)}`);
  assertEquals(text.decode(stdout).trim(), String(300 ** 3));
});
