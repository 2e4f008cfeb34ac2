/** The assembler: numbers of every length, control flow, and modules that the engine accepts. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeModule, FunctionBuilder } from "../../../devices/cpu/codegen/assembler.ts";

/** Runs functions on a memory of one page. */
function load(...functions: FunctionBuilder[]) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const bytes = encodeModule(functions.map((f) => f.encode()), { initial: 1, maximum: 1, shared: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  const run = (name: string, ...args: number[]) => (exports[name] as (...a: number[]) => void)(...args);
  return { run, view: new DataView(memory.buffer) };
}

/** What every module begins with. */
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

Deno.test("signed constants of every length come back as they were", () => {
  const edges = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
  const numbers = fc.oneof(fc.constantFrom(...edges), fc.integer());
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 50 }), (values) => {
      const f = new FunctionBuilder("f", []);
      values.forEach((value, i) => f.i32(0).i32(value).memory("i32_store", 4 * i));
      const { run, view } = load(f);
      run("f");
      assertEquals(values.map((_, i) => view.getInt32(4 * i, true)), values);
    }),
    { numRuns: 100, seed: 1 },
  );
});

Deno.test("floats come back with the same bits, NaN and the smallest ones too", () => {
  const values = [0, -0, 1, -1.5, 1e-45, 3.4028234663852886e38, Infinity, -Infinity, NaN, Math.fround(0.1)];
  const f = new FunctionBuilder("f", []);
  values.forEach((value, i) => f.i32(0).f32(value).memory("f32_store", 4 * i));
  const { run, view } = load(f);
  run("f");
  values.forEach((value, i) => assert(Object.is(view.getFloat32(4 * i, true), Math.fround(value))));
});

Deno.test("memory offsets of every length reach their place", () => {
  const offsets = [0, 1, 127, 128, 129, 16383, 16384, 65532];
  const f = new FunctionBuilder("f", []);
  offsets.forEach((offset, i) => f.i32(0).i32(i + 1).memory("i32_store8", offset));
  const { run, view } = load(f);
  run("f");
  assertEquals(offsets.map((offset) => view.getUint8(offset)), offsets.map((_, i) => i + 1));
});

Deno.test("functions may have hundreds of locals, parameters, and long bodies", () => {
  const f = new FunctionBuilder("f", ["i32", "i32"]);
  const locals = Array.from({ length: 300 }, () => f.local("i32"));
  locals.forEach((local, i) => f.i32(i).set(local));
  f.i32(0).get(0).get(1).op("i32_sub");
  locals.forEach((local) => f.get(local).op("i32_add"));
  f.memory("i32_store", 0);
  const { run, view } = load(f);
  run("f", 1000, 1);
  assertEquals(view.getInt32(0, true), 999 + 299 * 150);
});

Deno.test("countTo() runs its body in steps while the counter is below the end", () => {
  for (const [end, step, expected] of [[10, 1, 10], [10, 3, 4], [0, 1, 0], [-5, 1, 0], [1, 5, 1]]) {
    const f = new FunctionBuilder("f", []);
    const [i, count] = [f.local("i32"), f.local("i32")];
    f.countTo(i, () => f.i32(end), step, () => f.get(count).i32(1).op("i32_add").set(count));
    f.i32(0).get(count).memory("i32_store", 0);
    const { run, view } = load(f);
    run("f");
    assertEquals(view.getInt32(0, true), expected, `to ${end} in steps of ${step}`);
  }
});

Deno.test("if() takes one branch, doWhile() goes round until the body says no, call() finds its function", () => {
  const double = new FunctionBuilder("double", []);
  double.i32(0).i32(0).memory("i32_load", 0).i32(2).op("i32_mul").memory("i32_store", 0);
  const f = new FunctionBuilder("f", ["i32"]);
  f.get(0).if(() => f.i32(0).i32(1).memory("i32_store", 0), () => f.i32(0).i32(3).memory("i32_store", 0));
  f.doWhile(() => f.call(0).i32(0).memory("i32_load", 0).i32(100).op("i32_lt_s"));
  const { run, view } = load(double, f);
  run("f", 1);
  assertEquals(view.getInt32(0, true), 128);
  run("f", 0);
  assertEquals(view.getInt32(0, true), 192);
});

Deno.test("vectors are laid out lane by lane", () => {
  const f = new FunctionBuilder("f", []);
  f.i32(0).v128([1, -2, 2 ** 31 - 1, -(2 ** 31)]).memory("v128_store", 16);
  f.i32(0).v128([5, 6, 7, 8]).i32(9).replaceLane("i32", 2).memory("v128_store", 32);
  f.i32(0).v128([5, 6, 7, 8]).extractLane("i32", 3).memory("i32_store", 48);
  const { run, view } = load(f);
  run("f");
  const lanes = (at: number) => [0, 4, 8, 12].map((offset) => view.getInt32(at + offset, true));
  assertEquals(lanes(16), [1, -2, 2 ** 31 - 1, -(2 ** 31)]);
  assertEquals(lanes(32), [5, 6, 9, 8]);
  assertEquals(view.getInt32(48, true), 8);
});

Deno.test("modules export each function under its name, however long, and import shared memory", () => {
  const names = ["f", "0 conv2d+relu+maxPool2d", "x".repeat(300)];
  const functions = names.map((name) => new FunctionBuilder(name, []));
  const bytes = encodeModule(functions.map((f) => f.encode()), { initial: 1, maximum: 65536, shared: true });
  assertEquals([...bytes.slice(0, 8)], magic);
  const module = new WebAssembly.Module(bytes);
  assertEquals(WebAssembly.Module.exports(module).map((e) => e.name), names);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  new WebAssembly.Instance(module, { m: { m: memory } });
});

Deno.test("a kept vector is set before all other code, once", () => {
  const f = new FunctionBuilder("f", ["i32"]);
  const words = [1, -2, 3, 4] as const;
  f.get(0).if(() => f.i32(0).keptV128([0, 0, 0, 0]).memory("v128_store", 0));
  f.i32(16).keptV128(words).memory("v128_store", 0).i32(32).keptV128(words).memory("v128_store", 0);
  const { run, view } = load(f);
  run("f", 0);
  assertEquals(Array.from({ length: 8 }, (_, i) => view.getInt32(16 + 4 * i, true)), [...words, ...words]);
  const again = new FunctionBuilder("f", []);
  again.keptV128(words).op("drop");
  const once = again.encode().body.length;
  again.keptV128(words).op("drop");
  assertEquals(again.encode().body.length, once + 3);
});
