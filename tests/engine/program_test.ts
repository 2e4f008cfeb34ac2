/** Programs and state: what they keep and what they refuse. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { cpu, everyDevice } from "../devices.ts";

const { device } = cpu;
const vector = { dtype: "float32", shape: [3] } as const;

async function doubling() {
  return await compileProgram((_state, { x }: Record<"x", Tensor>) => ({ outputs: { y: g.mul(x, 2) } }), {
    device,
    inputs: { x: vector },
  });
}

const counter = () =>
  new State(device, { count: ndarray("int32", [], [0]), w: ndarray("float32", [3], [1, 2, 3]) });

Deno.test("a program refuses inputs that it does not have, or of another type", async () => {
  const program = await doubling();
  const wrong = [
    [{ z: new Float32Array(3) }, RangeError, 'Cannot set input "z": there are x'],
    [
      { x: new Float32Array(4) },
      TypeError,
      'input "x": it is float32 [3] with 3 elements, received Float32Array with 4',
    ],
    [{ x: new Int32Array(3) }, TypeError, "received Int32Array with 3"],
    [{ x: new Uint8Array(12) }, TypeError, "received Uint8Array with 12"],
    [{ x: ndarray("int32", [3], [1, 2, 3]) }, TypeError, "received int32 [3]"],
    [{ x: ndarray("float32", [1, 3], [1, 2, 3]) }, TypeError, "received float32 [1, 3]"],
  ] as const;
  for (const [inputs, kind, text] of wrong) {
    assertThrows(() => program.run({ inputs: inputs as Record<"x", Float32Array> }), kind, text);
  }
  assertThrows(() => program.run({ times: -1 }), RangeError, "times -1");
  assertThrows(() => program.run({ times: 0.5 }), RangeError, "times 0.5");
  await assertRejects(() => program.read("z" as "y"), RangeError, 'Cannot read output "z": there are y');
  program.close();
});

Deno.test("a program keeps the inputs of the run before where none are given", async () => {
  const program = await doubling();
  assertEquals([...(await program.call({ x: new Float32Array([1, 2, 3]) })).y.data], [2, 4, 6]);
  assertEquals([...(await program.call()).y.data], [2, 4, 6]);
  program.run({ times: 0 });
  assertEquals([...(await program.read("y")).data], [2, 4, 6]);
  program.close();
});

Deno.test("a program takes inputs that it does not use", async () => {
  const inputs = { x: vector, unused: vector };
  const program = await compileProgram(
    (_s, { x }: Record<"x" | "unused", Tensor>) => ({ outputs: { y: x } }),
    {
      device,
      inputs,
    },
  );
  const result = await program.call({ x: new Float32Array([1, 2, 3]), unused: new Float32Array(3) });
  assertEquals([...result.y.data], [1, 2, 3]);
  program.close();
});

Deno.test("a program refuses results that are no tensors, and state that does not fit", async () => {
  const state = counter();
  const refused: [(s: Record<string, Tensor>) => unknown, typeof TypeError | typeof RangeError, string][] = [
    [
      (s) => ({ state: { count: g.add(s.w, 1) } }),
      TypeError,
      '"count": it is int32 [], received float32 [3]',
    ],
    [
      (s) => ({ state: { w: g.reshape(s.w, [1, 3]) } }),
      TypeError,
      '"w": it is float32 [3], received float32 [1, 3]',
    ],
    [(s) => ({ state: { z: s.w } }), RangeError, '"z": the program has no state of that name'],
    [() => ({ state: { w: 5 } }), TypeError, "received 5"],
    [() => ({ outputs: { y: [1, 2] } }), TypeError, 'Cannot output "y": it has to be a tensor'],
  ];
  for (const [trace, kind, text] of refused) {
    await assertRejects(
      () =>
        compileProgram(trace as (s: Record<"count" | "w", Tensor>) => { state: { w: Tensor } }, {
          device,
          state,
        }),
      kind,
      text,
    );
  }
  state.close();
});

Deno.test("state refuses names that it does not have and values that do not fit", async () => {
  const state = counter();
  assertEquals(state.names, ["count", "w"]);
  assertEquals(state.types.w, { dtype: "float32", shape: [3] });
  await assertRejects(() => state.read("z" as "w"), RangeError, 'Cannot use state "z": there are count, w');
  assertThrows(() => state.write("z" as "w", new Float32Array(3)), RangeError, '"z"');
  assertThrows(() => state.write("w", new Float32Array(2)), TypeError, 'state "w": it is float32 [3]');
  assertThrows(() => state.write("w", new Int32Array(3)), TypeError, "received Int32Array");
  assertThrows(
    () => state.write("w", ndarray("float32", [3, 1], [1, 2, 3])),
    TypeError,
    "received float32 [3, 1]",
  );
  state.write("w", new Float32Array([7, 8, 9]));
  assertEquals([...(await state.read("w")).data], [7, 8, 9]);
  state.close();
});

for (const { name, device } of everyDevice) {
  Deno.test(`several programs are made of one trace, also of a loop with gradients, on ${name}`, async () => {
    const state: State = new State(device, { w: ndarray("float32", [], [0.5]) });
    const { w } = state.tensors;
    state.add({ count: ndarray("int32", [], [0]) });
    const { ys } = g.scan(({ h }) => ({ carry: { h: g.mul(h, w) }, ys: { h } }), {
      carry: { h: g.tensor(8) },
      length: 3,
    });
    const total = g.sum(ys.h); // 8 + 8 w + 8 w^2
    const [slope] = g.grad(total, [w]);
    const count = g.add(state.tensors.count, 1);
    const look = await compileProgram(() => ({ outputs: { total }, state: { count } }), { device, state });
    const move = await compileProgram(
      () => ({ outputs: { slope }, state: { w: g.sub(w, g.mul(slope, 1 / 32)), count } }),
      { device, state },
    );
    assertEquals((await look.call()).total.data[0], 14);
    assertEquals((await move.call()).slope.data[0], 16);
    assertEquals((await look.call()).total.data[0], 8);
    assertEquals((await state.read("count")).data[0], 3);
    assertThrows(
      () => state.add({ w: ndarray("float32", [], [1]) }),
      RangeError,
      "there is one of that name",
    );
    look.close();
    move.close();
    state.close();
  });
}

Deno.test("programs share state, and what one writes the other reads", async () => {
  for (const { device } of everyDevice) {
    const state = new State(device, { n: ndarray("float32", [3], [1, 2, 3]) });
    const grow = await compileProgram((s: Record<"n", Tensor>) => ({ state: { n: g.mul(s.n, 2) } }), {
      device,
      state,
    });
    const look = await compileProgram((s: Record<"n", Tensor>) => ({ outputs: { sum: g.sum(s.n) } }), {
      device,
      state,
    });
    grow.run({ times: 3 });
    assertEquals([...(await look.call()).sum.data], [48]);
    state.write("n", new Float32Array([1, 1, 1]));
    grow.run();
    assertEquals([...(await look.call()).sum.data], [6]);
    grow.close();
    look.close();
    state.close();
  }
});

Deno.test("a program that was closed refuses to run and to be read", async () => {
  const program = await doubling();
  program.close();
  assertThrows(() => program.run(), Error, "closed");
  await assertRejects(() => program.read("y"), Error, "closed");
});

Deno.test("closing twice gives memory back once", async () => {
  const device = cpuDevice({ threads: 1 });
  const stateOf = (value: number) =>
    new State(device, { w: ndarray("float32", [64], new Float32Array(64).fill(value)) });
  const program = await compileProgram(() => ({ outputs: { y: g.sum(g.softmax(g.iota(999, "float32"))) } }), {
    device,
  });
  // Keeps what the program gives back apart from the free memory behind it.
  const behind = stateOf(0);
  program.close();
  program.close();
  // What was given back twice would be handed out twice.
  const states = Array.from({ length: 40 }, (_, i) => stateOf(i));
  for (const [i, state] of states.entries()) assertEquals((await state.read("w")).data[0], i);
  behind.close();
  behind.close();
  await assertRejects(() => behind.read("w"), Error, "state");
});

Deno.test("a program whose state was closed refuses to run", async () => {
  const state = counter();
  const program = await compileProgram(
    (s: Record<"count" | "w", Tensor>) => ({ state: { w: g.add(s.w, 1) } }),
    {
      device,
      state,
    },
  );
  state.close();
  assertThrows(() => program.run(), Error, "closed");
  program.close();
});
