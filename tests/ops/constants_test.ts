/** Numbers become elements of a dtype where they fit it; where they do not, no other number takes their place. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../engine/tensor.ts";
import { compute } from "../../devices/program.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { testRefusals } from "./refusals.ts";

const ints = (...values: number[]) => g.tensor(new Int32Array(values));
const unsigned = (...values: number[]) => g.tensor(new Uint32Array(values));
const bytes = (...values: number[]) => g.tensor(new Uint8Array(values));
const halves = (...values: number[]) => g.tensor(new Float16Array(values));
const yes = (...values: number[]) => g.tensor(values, [values.length], "bool");

const right: [string, () => Tensor, number[]][] = [
  ["ones() of float16", () => g.ones([3], "float16"), [1, 1, 1]],
  ["full() of float16", () => g.full([2], -0.1, "float16"), [...new Float16Array([-0.1, -0.1])]],
  ["full() of float16 as floats", () => g.cast(g.full([2], 2.5, "float16"), "float32"), [2.5, 2.5]],
  ["full() of float16 beyond its range", () => g.full([1], -Infinity, "float16"), [-Infinity]],
  ["zeros() of float16 with a sign", () => g.div(1, g.cast(g.full([1], -0, "float16"), "float32")), [
    -Infinity,
  ]],
  ["where() of halves and a number", () => g.where(yes(1, 0), halves(3, 4), 1.5), [3, 1.5]],
  ["pad() of halves with a number", () => g.pad(halves(3), [[1, 2]], 0.5), [0.5, 3, 0.5, 0.5]],
  ["pad() of halves", () => g.pad(halves(3), [[1, 0]]), [0, 3]],
  ["slice() of padded halves", () => g.slice(g.pad(halves(3), [[1, 1]], -2), [1], [2]), [3, -2]],
  ["pad() of bytes with 255", () => g.pad(bytes(1), [[0, 6]], 255), [1, 255, 255, 255, 255, 255, 255]],
  ["pad() of truth values", () => g.pad(yes(0), [[1, 1]], 1), [1, 0, 1]],
  ["mul() of int32 by a whole number", () => g.mul(ints(7), -2), [-14]],
  ["less() of int32 and a whole number", () => g.less(ints(6, 7), 7), [1, 0]],
  ["clamp() of int32 between fractions", () => g.clamp(ints(-3, 0, 1, 2, 9), 0.5, 2.5), [1, 1, 1, 2, 2]],
  ["clamp() of int32 beyond its range", () => g.clamp(ints(-5, 7), -1e300, Infinity), [-5, 7]],
  ["clamp() of uint32 from below zero", () => g.clamp(unsigned(0, 7), -3, 5.9), [0, 5]],
  ["clamp() of floats beyond their range", () => g.clamp(g.tensor([-5, 7]), -1e300, 1e300), [-5, 7]],
  ["tensor() of halves", () => halves(0.1, 2), [...new Float16Array([0.1, 2])]],
  ["tensor() of int32 numbers as uint32", () => g.tensor(new Int32Array([7]), [1], "uint32"), [7]],
];
for (const { name, device } of everyDevice) {
  for (const [what, build, expected] of right) {
    Deno.test(`${what} is what it says on ${name}`, async () => {
      assertEquals([...(await compute(build(), device)).data], expected);
    });
  }
}

testRefusals([
  ["int32 times a half", () => g.mul(ints(7), 0.5), RangeError, "mul", "int32 and 0.5", "see cast"],
  ["int32 compared with a fraction", () => g.less(ints(6), 6.5), RangeError, "less", "6.5"],
  ["uint32 compared with a number below zero", () => g.greater(unsigned(7), -1), RangeError, "uint32 and -1"],
  ["uint32 minus a number below zero", () => g.sub(unsigned(7), -1), RangeError, "-1"],
  ["int32 and a number beyond its range", () => g.add(ints(1), 2 ** 31), RangeError, "2147483648"],
  ["int32 and NaN", () => g.maximum(ints(1), NaN), RangeError, "NaN"],
  ["int32 divided by a fraction", () => g.floorDiv(ints(1), 0.5), RangeError, "0.5"],
  ["a remainder by a fraction", () => g.mod(ints(1), 1.5), RangeError, "1.5"],
  ["float32 and a number that would be infinite", () => g.mul(g.tensor([1]), 1e39), RangeError, "1e+39"],
  ["a byte of 300 beside bytes", () => g.where(yes(1), bytes(1), 300), RangeError, "where", "300"],
  ["a number that is none", () => g.add(g.tensor([1]), "1" as unknown as number), TypeError, '"1"'],
  ["no number", () => g.add(g.tensor([1]), null as unknown as number), TypeError, "null"],
  ["full() of int32 with a fraction", () => g.full([1], 0.5, "int32"), RangeError, "0.5", "int32 holds"],
  ["full() of bool with 2", () => g.full([1], 2, "bool"), RangeError, "bool holds 0 and 1"],
  ["full() of uint8 with 256", () => g.full([1], 256, "uint8"), RangeError, "256"],
  ["full() of float16 with 70,000", () => g.full([1], 70_000, "float16"), RangeError, "70000"],
  ["full() without a value", () => g.full([1], undefined as unknown as number), TypeError, "undefined"],
  ["full() of another dtype", () => g.full([1], 1, "float64" as "float32"), TypeError, "float64"],
  ["pad() of bytes with 300", () => g.pad(bytes(1), [[0, 1]], 300), RangeError, "300", "uint8 holds"],
  ["pad() of int32 with a fraction", () => g.pad(ints(1), [[0, 1]], 0.5), RangeError, "0.5"],
  ["pad() of truth values with 2", () => g.pad(yes(1), [[0, 1]], 2), RangeError, "mode 2"],
  ["pad() in no mode", () => g.pad(ints(1), [[0, 1]], "mirror" as "reflect"), TypeError, '"mirror"'],
  ["clamp() of int32 to nothing", () => g.clamp(ints(1), 0.2, 0.8), RangeError, "no whole number"],
  ["clamp() from NaN", () => g.clamp(ints(1), NaN, 1), RangeError, "low NaN"],
  ["clamp() to null", () => g.clamp(ints(1), 0, null as unknown as number), TypeError, "high null"],
  ["the sum of halves", () => g.sum(halves(1)), TypeError, "float16", "see cast"],
  ["the largest of halves", () => g.argMax(halves(1)), TypeError, "float16"],
]);

Deno.test("the gradient of halves that were stretched is their sum, not that of their bits", async () => {
  const x = g.tensor([1, 2]);
  const stretched = g.cast(g.broadcastTo(g.cast(x, "float16"), [3, 2]), "float32");
  const [gradient] = g.grad(g.sum(g.mul(stretched, g.tensor([[1], [2], [4]]))), [x]);
  for (const { device } of everyDevice) assertEquals([...(await compute(gradient, device)).data], [7, 7]);
});

Deno.test("ops refuse what is no tensor", () => {
  assertThrows(() => g.relu(3 as unknown as Tensor), TypeError, "it takes tensors");
  assertThrows(() => g.logicalNot(undefined as unknown as Tensor), TypeError, "undefined");
  const none = undefined as unknown as Tensor;
  for (const op of [g.mean, g.sum, g.argMax, g.relu, (x: Tensor) => g.reshape(x, [1])]) {
    assertThrows(() => op(none), TypeError, "to undefined: it takes tensors");
  }
  const x = g.tensor(1);
  for (const other of [none, [1, 2], Promise.resolve(x), "1"]) {
    assertThrows(() => g.add(x, other as Tensor), TypeError, "it takes tensors and numbers (see tensor)");
  }
  assertThrows(() => g.grad(x, x as unknown as Tensor[]), TypeError, "a list of tensors");
});
