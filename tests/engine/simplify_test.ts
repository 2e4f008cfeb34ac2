/** The first pass: equal nodes become one, nodes that do nothing go, and nothing changes its type. */
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { copyOf } from "../../engine/graph/copy.ts";
import { topological } from "../../engine/graph/graph.ts";
import { simplify } from "../../engine/passes/simplify.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { halfGradient } from "../../ops/elementwise/keep_half.ts";
import * as g from "../../ops/mod.ts";
import { interpret } from "../oracle/interpreter.ts";
import { input, state } from "./plans.ts";

const one = (x: Tensor): Tensor => simplify([x])[0];

Deno.test("simplify() makes one of nodes that do the same to the same inputs", () => {
  const [x, y] = [input("x", [3]), input("y", [3])];
  const [a, b] = simplify([g.tanh(g.add(x, y)), g.tanh(g.add(x, y))]);
  assertStrictEquals(a, b);
  const sum = one(g.add(g.exp(x), g.mul(g.exp(x), g.exp(x))));
  assertEquals(topological([sum]).length, 4);
});

Deno.test("simplify() keeps nodes apart that differ in an input, an attribute or a dtype", () => {
  const [x, y] = [input("x", [3]), input("y", [3])];
  const apart: [Tensor, Tensor][] = [
    [g.sub(x, y), g.sub(y, x)],
    [g.leakyRelu(x, 0.1), g.leakyRelu(x, 0.2)],
    [g.pad(x, [[1, 0]], NaN), g.pad(x, [[1, 0]], Infinity)],
    [g.pad(x, [[1, 0]], Infinity), g.pad(x, [[1, 0]], -Infinity)],
    [g.pad(x, [[1, 0]], 0), g.pad(x, [[1, 0]], -0)],
    [g.cast(x, "int32"), g.cast(x, "uint32")],
    [g.sum(g.reshape(x, [3, 1]), 0), g.sum(g.reshape(x, [3, 1]), 1)],
    [g.mul(x, 0.1), g.mul(x, 0.2)],
    [g.exp(x), g.expm1(x)],
    [g.randomUniform([3], { seed: 1 }), g.randomUniform([3], { seed: 1, stream: 1 })],
  ];
  for (const [a, b] of apart) {
    const [left, right] = simplify([a, b]);
    assert(left !== right, `${a.op.name} and ${b.op.name} became one`);
  }
});

Deno.test("simplify() makes one of constants with one number, but never of inputs, state or copies", () => {
  const x = input("x", [2]);
  const [a, b, c] = simplify([g.add(x, g.full([2], 7)), g.add(x, g.full([2], 7)), g.add(x, g.full([1], 7))]);
  assertStrictEquals(a, b);
  assertNotEquals(a.id, c.id);
  const [first, second] = simplify([g.exp(state("s", [2])), g.exp(state("s", [2]))]);
  assert(first !== second);
  const copies = simplify([copyOf(x), copyOf(x)]);
  assert(copies[0] !== copies[1]);
});

Deno.test("simplify() leaves out what does nothing", () => {
  const x = input("x", [2, 3]);
  const same: [string, Tensor][] = [
    ["add of zero", g.add(x, 0)],
    ["zeros before", g.add(g.zeros([2, 3]), x)],
    ["mul by one", g.mul(x, 1)],
    ["mul by ones", g.mul(g.ones([3]), x)],
    ["reshape to its shape", g.reshape(x, [2, 3])],
    ["transpose in order", g.transpose(x, [0, 1])],
    ["slice of all", g.slice(x, [0, 0], [2, 3])],
    ["concat of one", g.concat([x])],
    ["broadcastTo its shape", g.broadcastTo(x, [2, 3])],
    ["cast to its dtype", g.cast(x, "float32")],
    ["a chain of them", g.mul(g.add(g.reshape(x, [2, 3]), 0), 1)],
  ];
  for (const [what, y] of same) assert(one(y) === x, what);
});

Deno.test("simplify() never changes shape, dtype or values, however operands are stretched", () => {
  const shapes = [[], [1], [3], [1, 1], [1, 3], [3, 1], [2, 1], [2, 3], [1, 2, 3], [0, 1], [0, 3]];
  for (const shape of shapes) {
    const x = input("x", shape);
    const feeds = new Map([[x, Float64Array.from({ length: x.size }, (_, i) => i + 2)]]);
    for (const other of shapes) {
      const builds = [
        () => g.add(x, g.zeros(other)),
        () => g.add(g.zeros(other), x),
        () => g.mul(x, g.ones(other)),
        () => g.mul(g.ones(other), x),
        () => g.sub(x, g.zeros(other)),
        () => g.div(x, g.ones(other)),
        () => g.broadcastTo(x, other),
      ];
      for (const build of builds) {
        let y: Tensor;
        try {
          y = build();
        } catch {
          continue; // These two do not fit.
        }
        const simple = one(y);
        const what = `${y.op.name} of [${shape}] and [${other}]`;
        assertEquals([simple.dtype, [...simple.shape]], [y.dtype, [...y.shape]], what);
        assertEquals(interpret([simple], feeds)[0], interpret([y], feeds)[0], what);
      }
    }
  }
});

Deno.test("simplify() lets gradients of convolutions go without the windows that were left out behind them", () => {
  const [x, w] = [input("x", [2, 9, 9, 3]), input("w", [2, 2, 3, 4])];
  const flopsOf = (loss: (y: Tensor) => Tensor) => {
    const gradients = simplify(g.grad(g.sum(loss(g.conv2d(x, w))), [x, w]));
    const nodes = topological(gradients).filter((t) => /^conv2d.+Gradient$/.test(t.op.name));
    assertEquals(nodes.length, 2);
    return nodes.map((node) => node.op.flops!(node));
  };
  // Of 8 x 8 windows, 6 x 6 are pooled or kept.
  const products = 2 * (2 * 6 * 6 * 4) * (2 * 2 * 3);
  assertEquals(flopsOf((y) => g.maxPool2d(y, { poolSize: 3 })), [products, products]);
  assertEquals(flopsOf((y) => g.averagePool2d(y, { poolSize: 3, strides: 3 })), [products, products]);
  assertEquals(flopsOf((y) => g.slice(y, [0, 1, 2, 0], [2, 6, 6, 4])), [products, products]);
  assertEquals(flopsOf((y) => g.maxPool2d(halfGradient(y), { poolSize: 3 })), [products, products]);
});

Deno.test("simplify() drops what no root needs and keeps the roots in order", () => {
  const [x, y] = [input("x", [2]), input("y", [2])];
  g.exp(g.add(x, y));
  const roots = simplify([g.sin(x), y, g.sin(x)]);
  assertEquals(roots.map((r) => r.op.name), ["sin", "leaf", "sin"]);
  assertEquals(topological(roots).length, 3);
});

Deno.test("simplify() keeps the names that were given", () => {
  const x = input("x", [2]);
  assertEquals(one(g.exp(g.add(x, 0)).named("hidden")).name, "hidden");
});

Deno.test("simplify() and topological() take graphs that are ten thousand nodes deep", () => {
  let x = input("x", [2]);
  for (let n = 0; n < 10_000; n++) x = g.tanh(g.add(x, 0));
  const [y] = simplify([x]);
  assertEquals(topological([y]).length, 10_001);
});
