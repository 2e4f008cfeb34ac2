/** Gradients where finite differences say nothing: ties, kinks, what is constant, gradients of gradients. */
import { assertEquals } from "@std/assert";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { interpret } from "../oracle/interpreter.ts";

/** The gradient of the sum of `y` at constant inputs. */
function gradientOf(y: Tensor, x: Tensor): number[] {
  return [...interpret(g.grad(g.sum(y), [x]))[0]];
}

Deno.test("maximum() gives half of the gradient to each side where both are equal", () => {
  const [a, b] = [g.tensor([1, 2, 3]), g.tensor([2, 2, 2])];
  assertEquals(gradientOf(g.maximum(a, b), a), [0, 0.5, 1]);
  assertEquals(gradientOf(g.maximum(a, b), b), [1, 0.5, 0]);
});

Deno.test("minimum() gives half of the gradient to each side where both are equal", () => {
  const [a, b] = [g.tensor([1, 2, 3]), g.tensor([2, 2, 2])];
  assertEquals(gradientOf(g.minimum(a, b), a), [1, 0.5, 0]);
  assertEquals(gradientOf(g.minimum(a, b), b), [0, 0.5, 1]);
});

Deno.test("max() and min() share the gradient among equal elements", () => {
  const x = g.tensor([[1, 3, 3, 0], [2, 2, 2, 2]]);
  assertEquals(gradientOf(g.max(x, 1), x), [0, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25]);
  assertEquals(gradientOf(g.min(x, 1), x), [0, 0, 0, 1, 0.25, 0.25, 0.25, 0.25]);
});

Deno.test("maxPool2d() gives the gradient to the first of equal elements", () => {
  const x = g.tensor([1, 1, 1, 1, 0, 2, 2, 0], [1, 2, 4, 1]);
  assertEquals(gradientOf(g.maxPool2d(x), x), [0, 0, 0, 0, 0, 1, 1, 0]);
  const equal = g.full([1, 2, 4, 1], 5);
  assertEquals(gradientOf(g.maxPool2d(g.mul(equal, 1), { strides: 1 }), equal), [1, 1, 1, 0, 0, 0, 0, 0]);
});

Deno.test("maxPool2d() with padding never gives the gradient to what was added", () => {
  const x = g.tensor([-1, -2, -3, -4, -5, -6, -7, -8, -9], [1, 3, 3, 1]);
  const options = { poolSize: 3, strides: 2, padding: "same" } as const;
  assertEquals(gradientOf(g.maxPool2d(x, options), x), [1, 1, 0, 1, 1, 0, 0, 0, 0]);
});

Deno.test("relu(), abs() and clamp() have these gradients at their kinks", () => {
  const x = g.tensor([-1, 0, 1]);
  assertEquals(gradientOf(g.relu(x), x), [0, 0, 1]);
  assertEquals(gradientOf(g.abs(x), x), [-1, 0, 1]);
  assertEquals(gradientOf(g.clamp(x, -1, 0.5), x), [1, 1, 0]);
  const [low, high] = [g.tensor([-1, 1, 2]), g.tensor([3, 3, 0])];
  assertEquals(gradientOf(g.clamp(x, low, high), x), [1, 0, 0]);
  assertEquals(gradientOf(g.clamp(x, low, high), low), [0, 1, 0]);
  assertEquals(gradientOf(g.clamp(x, low, high), high), [0, 0, 1]);
});

Deno.test("pow() has a gradient at zero and none to the exponent of what is not positive", () => {
  const [base, exponent] = [g.tensor([0, -2, 2]), g.tensor([2, 3, 1])];
  assertEquals(gradientOf(g.pow(base, exponent), base), [0, 12, 1]);
  const toExponent = gradientOf(g.pow(base, exponent), exponent);
  assertEquals(toExponent.slice(0, 2), [0, 0]);
  assertEquals(Math.fround(toExponent[2]), Math.fround(2 * Math.LN2));
});

Deno.test("gather() adds up the gradients of a place that is taken several times, and none of places outside", () => {
  const x = g.tensor([1, 2, 3]);
  const places = g.tensor(new Int32Array([2, 2, 0, 7, -5]));
  assertEquals(gradientOf(g.gather(x, places), x), [1, 0, 2]);
});

Deno.test("where() lets no gradient through on the side that is not taken, not even NaN", () => {
  const x = g.tensor([-1, 4]);
  const safe = g.where(g.greater(x, 0), x, 1);
  assertEquals(gradientOf(g.where(g.greater(x, 0), g.sqrt(safe), 0), x), [0, 0.25]);
});

Deno.test("broadcastTo() and stretched operands sum their gradients to their own shapes", () => {
  const [row, column] = [g.tensor([1, 2, 3]), g.tensor([[1], [2]])];
  assertEquals(gradientOf(g.mul(row, column), row), [3, 3, 3]);
  assertEquals(gradientOf(g.mul(row, column), column), [6, 6]);
  assertEquals(gradientOf(g.broadcastTo(row, [4, 2, 3]), row), [8, 8, 8]);
});

Deno.test("argMax(), comparisons, rounding and conversions are constants to grad()", () => {
  const x = g.tensor([1.5, 2.5]);
  const floats = [g.argMax(x), g.greater(x, 2), g.cast(x, "int32")].map((y) => g.cast(y, "float32"));
  for (const y of [...floats, g.floor(x), g.round(x), g.ceil(x), g.sign(x)]) {
    assertEquals(gradientOf(y, x), [0, 0]);
  }
});

Deno.test("grad() of grad() of grad() is the third derivative", () => {
  const x = g.tensor([2]);
  let y = g.sum(g.pow(x, 4));
  for (let n = 0; n < 3; n++) y = g.sum(g.grad(y, [x])[0]);
  assertEquals([...interpret([y])[0]], [48]);
});
