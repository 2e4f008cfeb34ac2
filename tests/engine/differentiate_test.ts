/** Reverse mode on graphs: what gets a gradient, what does not, and gradients of gradients. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { topological } from "../../engine/graph/graph.ts";
import { uniformValue } from "../../engine/tensor.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { interpret } from "../oracle/interpreter.ts";
import { input } from "./plans.ts";

const valuesOf = (...tensors: Tensor[]) => interpret(tensors).map((values) => [...values]);

Deno.test("the gradient with respect to a tensor that plays no part is zeros of its shape", () => {
  const [x, y] = [input("x", [2, 3]), input("y", [4])];
  const [toX, toY] = g.grad(g.sum(g.square(x)), [x, y]);
  assertEquals([...toX.shape], [2, 3]);
  assertEquals([...toY.shape], [4]);
  assertStrictEquals(uniformValue(toY), 0);
});

Deno.test("the gradient of a number with respect to itself is one", () => {
  const x = g.sum(input("x", [3]));
  assertStrictEquals(uniformValue(g.grad(x, [x])[0]), 1);
});

Deno.test("a tensor that is used many times gets the sum of all gradients", () => {
  const x = g.tensor([2, 3]);
  const y = g.sum(g.add(g.mul(x, x), g.add(g.mul(x, 4), g.mul(g.stopGradient(x), x))));
  // x^2 + 4 x + c x, c = x held fixed: 2 x + 4 + c
  assertEquals(valuesOf(g.grad(y, [x])[0]), [[10, 13]]);
});

Deno.test("a gradient with respect to something in the middle stops there for it and goes on for others", () => {
  const x = g.tensor([1, 2]);
  const middle = g.mul(x, 3);
  const y = g.sum(g.square(middle));
  assertEquals(valuesOf(...g.grad(y, [middle, x])), [[6, 12], [18, 36]]);
});

Deno.test("stopGradient() holds back the gradient, also in the middle of a chain", () => {
  const x = g.tensor([1, 2]);
  const y = g.sum(g.mul(g.stopGradient(g.mul(x, 5)), x));
  assertEquals(valuesOf(g.grad(y, [x])[0]), [[5, 10]]);
  assertEquals(valuesOf(g.grad(g.sum(g.stopGradient(x)), [x])[0]), [[0, 0]]);
});

Deno.test("gradients do not pass integers and truth values", () => {
  const x = g.tensor([0.5, 1.5]);
  const count = g.cast(g.cast(x, "int32"), "float32");
  const chosen = g.where(g.equal(g.cast(x, "int32"), 1), x, 0);
  assertEquals(valuesOf(g.grad(g.sum(g.add(count, chosen)), [x])[0]), [[0, 1]]);
});

Deno.test("a shared part of a graph is differentiated once", () => {
  const x = input("x", [4]);
  let y: Tensor = x;
  // Each step uses the one before twice: paths double, nodes do not.
  for (let n = 0; n < 30; n++) y = g.mul(g.add(y, y), 0.5);
  const [gradient] = g.grad(g.sum(y), [x]);
  assert(topological([gradient]).length < 400);
});

Deno.test("nothing is built for inputs that no gradient is asked for", () => {
  const [x, w] = [input("x", [8, 8]), input("w", [8, 8])];
  const [toX] = g.grad(g.sum(g.matmul(x, w)), [x]);
  const products = topological([toX]).filter((t) => t.op.name === "matmul");
  assertEquals(products.length, 1);
});

Deno.test("gradients of gradients agree with calculus", () => {
  const x = g.tensor([0.5, -1.5]);
  const [first] = g.grad(g.sum(g.pow(x, 3)), [x]);
  const [second] = g.grad(g.sum(first), [x]);
  const [third] = g.grad(g.sum(second), [x]);
  assertEquals(valuesOf(first, second, third), [[0.75, 6.75], [3, -9], [6, 6]]);
});

Deno.test("a gradient penalty can be trained: the gradient of the size of a gradient", () => {
  const [x, w] = [g.tensor([[1, 2]]), g.tensor([[3], [4]])];
  const [toX] = g.grad(g.sum(g.square(g.matmul(x, w))), [x]);
  // d/dx (x w)^2 = 2 (x w) w; its square is 4 (x w)^2 |w|^2
  const [toW] = g.grad(g.sum(g.square(toX)), [w]);
  // d/dw = 8 (x w) |w|^2 x + 8 (x w)^2 w, with x w = 11 and |w|^2 = 25
  assertEquals(valuesOf(toW), [[8 * 11 * 25 + 8 * 121 * 3, 8 * 11 * 25 * 2 + 8 * 121 * 4]]);
});

Deno.test("grad() takes graphs that are thousands of nodes deep", () => {
  const x = input("x", []);
  let y: Tensor = x;
  for (let n = 0; n < 5000; n++) y = g.sin(y);
  const [gradient] = g.grad(y, [x]);
  assert(topological([gradient]).length > 10_000);
});
