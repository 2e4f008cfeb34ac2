/** Arrays from outside are checked at each door, before anything is written. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { compute, program } from "../../devices/program.ts";
import { Dataset } from "../../data/dataset.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { sequential } from "../../models/model.ts";
import { add, cast, scan, tensor } from "../../ops/mod.ts";
import { predict } from "../../training/fit/predict.ts";
import { everyDevice } from "../devices.ts";

/** Four times as many bytes as its dtype says, which would lie on what comes next. */
const tooLong = { dtype: "uint8", shape: [512], data: new Float32Array(512) } as unknown as NdArray;
const noTruth = { dtype: "bool", shape: [1], data: new Uint8Array([3]) } as const;

for (const { name, device } of everyDevice) {
  Deno.test(`State refuses arrays that are not what they say, and its neighbours stay, on ${name}`, async () => {
    const next = ndarray("float32", [512], new Float32Array(512).fill(7));
    const state = new State(device, { a: ndarray("uint8", [512], new Uint8Array(512)), next });
    assertThrows(() => new State(device, { b: tooLong }), TypeError, 'state "b": elements of uint8');
    assertThrows(() => new State(device, { b: noTruth }), RangeError, "element 0 is 3");
    assertThrows(() => new State(device, { b: undefined as unknown as NdArray }), TypeError, "see ndarray");
    assertThrows(() => state.write("a", new Float32Array(512)), TypeError, "received Float32Array with 512");
    assertThrows(() => state.write("a", new Uint8Array(513)), TypeError, "with 512 elements");
    assertThrows(() => state.write("a", tooLong), TypeError, "received Float32Array");
    assertEquals((await state.read("next")).data, next.data);
    assertEquals((await state.read("a")).data, new Uint8Array(512));
    state.close();
  });

  Deno.test(`a program runs when it was given all of its inputs, on ${name}`, async () => {
    const inputs = { x: { dtype: "float32", shape: [2] }, on: { dtype: "bool", shape: [2] } } as const;
    const sum = await program((_, { x, on }) => ({ outputs: { y: add(x, cast(on, "float32")) } }), {
      device,
      inputs,
    });
    const x = new Float32Array([1, 2]);
    const { message } = assertThrows(() => sum.run({ inputs: { x } }), RangeError);
    assertStringIncludes(message, 'without input "on"');
    // Nothing was written by a run that was refused for another input.
    assertThrows(() => sum.run({ inputs: { x, on: new Uint8Array([1, 2]) } }), RangeError, "element 1 is 2");
    assertEquals((await sum.call({ x, on: new Uint8Array([1, 0]) })).y.data, new Float32Array([2, 2]));
    assertEquals(
      (await sum.call({ x: undefined, on: new Uint8Array([0, 1]) })).y.data,
      new Float32Array([1, 3]),
    );
    sum.close();
  });

  Deno.test(`a program refuses state of another device than ${name}`, async () => {
    const other = cpuDevice({ threads: 1 });
    const state = new State(other, { n: ndarray("int32", [], [0]) });
    const trace = (s: Record<"n", Parameters<typeof add>[0]>) => ({ state: { n: add(s.n, 1) } });
    await assertRejects(
      () => program(trace, { device, state }),
      TypeError,
      "its state lies on another device",
    );
    await assertRejects(() => compileProgram(trace, { device, state }), TypeError, other.description);
    await assertRejects(() => program(trace, { device: "webgpu", state }), TypeError, other.description);
    // By the name of its kind, the state's own device is meant.
    const own = await program(trace, { device: "cpu", state });
    own.run();
    assertEquals((await state.read("n")).data, new Int32Array([1]));
    own.close();
    state.close();
    other.close();
  });
}

Deno.test("a program refuses what only another one has, and what only a step of scan has", async () => {
  const [{ device }] = everyDevice;
  const leaked: Tensor[] = [];
  const other = await program(({ n }, { x }) => {
    leaked.push(n, x);
    return { outputs: { y: add(n, x) } };
  }, { device, state: { n: ndarray("float32", [], [0]) }, inputs: { x: { dtype: "float32", shape: [] } } });
  scan(({ h }, _, position) => {
    leaked.push(h, position);
    return { carry: { h: add(h, 1) } };
  }, { carry: { h: tensor(0) }, length: 2 });
  const texts = [
    'state "n" of another program',
    'input "x" of another program',
    'Cannot use "carry0"',
    '"position"',
  ];
  for (const [i, t] of leaked.entries()) {
    await assertRejects(() => compute(add(t, t), device), TypeError, texts[i]);
    await assertRejects(() => compute(t, device), TypeError, texts[i]);
  }
  other.close();
});

Deno.test("inputs of a program have a dtype and a shape", async () => {
  const [{ device }] = everyDevice;
  const make = (type: unknown) =>
    program((_, { x }) => ({ outputs: { x } }), {
      device,
      inputs: { x: type as { dtype: "int32"; shape: [] } },
    });
  await assertRejects(() => make({ dtype: "float64", shape: [] }), TypeError, 'dtype "float64"');
  await assertRejects(() => make({ dtype: "float32", shape: [0.5] }), RangeError, "received [0.5]");
  await assertRejects(() => make(null), TypeError, 'input "x"');
});

Deno.test("Dataset, models, files and predict refuse arrays that are not what they say", async () => {
  const targets = ndarray("int32", [512], new Int32Array(512));
  assertThrows(() => new Dataset({ inputs: tooLong, targets }), TypeError, "received Float32Array");
  assertThrows(
    () => new Dataset({ inputs: ndarray("uint8", [512], new Uint8Array(512)), targets: tooLong }),
    TypeError,
    "targets",
  );
  const model = sequential([dense({ units: 1 })], { inputShape: [2] });
  const kernel = { dtype: "float32", shape: [2, 1], data: new Int32Array(2) } as unknown as NdArray;
  assertThrows(() => model.setWeight("dense_1/kernel", kernel), TypeError, 'weight "dense_1/kernel"');
  assertThrows(() => encodeSafetensors({ kernel }), TypeError, "entry kernel");
  await assertRejects(() => predict(model, kernel, { device: "cpu" }), TypeError, "received Int32Array");
});

Deno.test("tensor() checks arrays, lists and typed arrays", () => {
  assertThrows(() => tensor(tooLong), TypeError, "received Float32Array");
  assertThrows(() => tensor([1.5], [1], "int32"), RangeError, "element 0 is 1.5");
  assertThrows(() => tensor([[1, 2], [3]]), TypeError, "equally long");
  assertThrows(() => tensor([[1, 2, 3], [4]]), TypeError, "equally long");
  assertThrows(() => tensor([[[1], [2]], [[3, 4], []]]), TypeError, "equally long");
  assertThrows(() => tensor([1, undefined as unknown as number]), TypeError, "hold numbers");
  // Values with a shape keep it; a flat list may be given one.
  assertThrows(() => tensor([[1, 2, 3], [4, 5, 6]], [3, 2]), RangeError, "see reshape");
  assertThrows(() => tensor(ndarray("float32", [4], new Float32Array(4)), [2, 2]), RangeError, "see reshape");
  assertEquals(tensor([1, 2, 3, 4], [2, 2]).shape, [2, 2]);
  assertEquals(tensor(ndarray("float32", [1], [2]), undefined, "int32").dtype, "int32");
  // No other array is taken for bytes.
  assertEquals(tensor(new Float16Array(2)).dtype, "float16");
  const doubles = new Float64Array([1.5]) as unknown as Float32Array;
  assertThrows(() => tensor(doubles), TypeError, "Float64Array without a dtype");
  assertEquals(tensor(doubles, [1], "float32").dtype, "float32");
});
