/** Which nodes share a kernel: plans without a device. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Tensor } from "../../engine/tensor.ts";
import { kernelLoads as loadsOf } from "../../engine/passes/memory_plan.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, policy, state } from "./plans.ts";

const image = () => input("image", [2, 8, 8, 3]);
const weight = () => input("weight", [3, 3, 3, 8]);
const bias = () => input("bias", [8]);

/** A plan's number of kernels, once it is verified. */
function countOf(outputs: Record<string, Tensor>, updates: [Tensor, Tensor][] = [], choice = policy): number {
  const plan = planOf(outputs, updates, choice);
  verifyPlan(plan);
  return plan.kernels.length;
}

Deno.test("a convolution with bias and relu is one kernel", () => {
  const plan = planOf({ y: g.relu(g.add(g.conv2d(image(), weight()), bias())) });
  assertEquals(plan.kernels.length, 1);
  assertEquals(plan.kernels[0].stores.length, 1);
  assert(plan.kernels[0].contraction);
});

Deno.test("a dense layer with an activation is one kernel", () => {
  const y = g.tanh(g.dense(input("x", [5, 7]), input("w", [7, 9]), input("b", [9])));
  assertEquals(countOf({ y }), 1);
});

Deno.test("the slope of a dear activation is kept in the place of what it is taken at, and computed there", () => {
  const [x, w, v] = [input("x", [20, 30]), input("w", [30, 40]), input("v", [40, 30])];
  const y = g.matmul(g.gelu(g.matmul(x, w)), v);
  const plan = planOf({ toW: g.grad(g.sum(g.square(y)), [w])[0] });
  verifyPlan(plan);
  const [first] = plan.kernels;
  assertEquals(first.stores.length, 2);
  const [activated, slope] = first.stores.map((s) => s.tensor);
  const readers = plan.kernels.filter((k) => loadsOf(k).some((l) => l.source === slope));
  assertEquals(readers.map((k) => k.contraction !== undefined), [true]);
  assert(activated.op.name === "gelu");
});

Deno.test("a convolution with bias, relu, maxPool2d() and the positions for its gradient is one kernel", () => {
  const [x, w, b] = [image(), weight(), bias()];
  const pooled = g.maxPool2d(g.relu(g.add(g.conv2d(x, w), b)));
  const forward = planOf({ pooled });
  assertEquals(forward.kernels.length, 1);
  assertEquals(forward.kernels[0].space.map((a) => a.size), [2, 3, 3, 8]);
  assertEquals(forward.kernels[0].over.map((a) => a.size), [2, 2]);

  const [toWeight, toBias] = g.grad(g.sum(g.square(pooled)), [w, b]);
  const [first] = planOf({ toWeight, toBias }).kernels;
  for (const part of ["conv2d", "maxPool2d", "maxPool2dPosition", "relu"]) {
    assertStringIncludes(first.label, part);
  }
  assertEquals(first.accumulators.map((a) => a.reduceOp), ["max", "argMax"]);
});

Deno.test("long reductions that read different things do not wait for each other, where a device wishes", () => {
  const [x, y] = [input("x", [40, 50]), input("y", [40, 50])];
  const sums = { x: g.sum(x, 0), squares: g.sum(g.square(x), 0), y: g.sum(y, 0) };
  assertEquals(countOf(sums), 1);
  assertEquals(countOf(sums, [], { ...policy, longAlone: 2000 }), 2);
  assertEquals(countOf(sums, [], { ...policy, longAlone: 2001 }), 1);
});

Deno.test("a window that is too large, or overlaps, is not taken behind a convolution", () => {
  const y = g.conv2d(image(), weight());
  assertEquals(countOf({ y: g.maxPool2d(y, { poolSize: 3 }) }), 2);
  assertEquals(countOf({ y: g.maxPool2d(y, { strides: 1 }) }), 2);
  assertEquals(countOf({ y: g.maxPool2d(y) }, [], { ...policy, windowLimit: 0 }), 2);
});

Deno.test("a convolution whose results are needed elsewhere does not hide them in a window", () => {
  const y = g.conv2d(image(), weight());
  assertEquals(countOf({ y, pooled: g.maxPool2d(y) }), 2);
  assertEquals(countOf({ sum: g.sum(y, [1, 2]), pooled: g.maxPool2d(y) }), 3);
});

Deno.test("a chain of element-wise ops is one kernel, and writes nothing in between", () => {
  const x = input("x", [32, 7]);
  const plan = planOf({ y: g.tanh(g.exp(g.sin(g.mul(g.add(x, 1), 2)))) });
  assertEquals(plan.kernels.length, 1);
  assertEquals(plan.memory.arenaBytes, 0);
});

Deno.test("a diamond is one kernel", () => {
  const a = g.tanh(input("x", [32, 7]));
  assertEquals(countOf({ y: g.add(g.mul(a, 2), g.square(a)) }), 1);
});

Deno.test("reductions over the same loops share a kernel, others do not", () => {
  const x = input("x", [32, 7]);
  assertEquals(countOf({ a: g.sum(x, 0), b: g.sum(g.square(x), 0), c: g.max(x, 0) }), 1);
  assertEquals(countOf({ a: g.sum(x, 0), b: g.sum(x, 1) }), 2);
});

Deno.test("softmax() is a reduction and a map", () => {
  assertEquals(countOf({ y: g.softmax(input("x", [32, 10])) }), 2);
});

Deno.test("x - mean(x), as in batch normalization, is planned without a cycle", () => {
  const x = input("x", [32, 7]);
  const centred = g.sub(x, g.mean(x, 0));
  const variance = g.mean(g.square(centred), 0);
  const y = g.mul(centred, g.rsqrt(g.add(variance, 1e-5)));
  assertEquals(countOf({ y }), 3);
  const [toX] = g.grad(g.sum(g.mul(y, x)), [x]);
  assert(countOf({ y, toX }) <= 7);
});

Deno.test("maps that would meet themselves through a reduction stay apart", () => {
  const x = input("x", [16]);
  const a = g.exp(x);
  const b = g.add(a, g.sum(a));
  const c = g.mul(b, g.max(b));
  assert(countOf({ a, b, c }) >= 3);
});

Deno.test("an Adam step of packed parameters is one kernel beside the gradients", () => {
  const size = [1000];
  const [weights, first, second] = ["weights", "first", "second"].map((name) => state(name, size));
  const count = state("count", []);
  const x = input("x", [400]);
  const gradients = g.pack([g.exp(x), g.sin(input("y", [600]))]);
  const mean = g.add(g.mul(first, 0.9), g.mul(gradients, 0.1));
  const square = g.add(g.mul(second, 0.999), g.mul(g.square(gradients), 0.001));
  const step = g.add(count, 1);
  const rate = g.div(g.sqrt(g.sub(1, g.pow(0.999, step))), g.sub(1, g.pow(0.9, step)));
  const next = g.sub(weights, g.div(g.mul(rate, mean), g.add(g.sqrt(square), 1e-7)));
  const plan = planOf({}, [[weights, next], [first, mean], [second, square], [count, step]]);
  verifyPlan(plan);
  const update = plan.kernels.filter((k) => k.stores.some((s) => s.target === weights));
  assertEquals(update.length, 1);
  assertEquals(new Set(update[0].stores.map((s) => s.target)), new Set([weights, first, second]));
  // Two that make the gradients, the update, and the step count.
  assertEquals(plan.kernels.length, 4);
});

Deno.test("a kernel that makes a piece of a pack does not read the pack", () => {
  const x = input("x", [9]);
  const [, second] = g.unpack(g.tanh(g.pack([x, x])), g.packLayout([[9], [9]]));
  assertEquals(countOf({ y: g.add(g.exp(second), g.sin(x)) }), 2);
});

Deno.test("single numbers are computed in one kernel, with a reduction if there is one", () => {
  const [s, t] = [input("s", []), input("t", [])];
  assertEquals(countOf({ a: g.add(s, 1), b: g.mul(t, 3) }), 1);
  assertEquals(countOf({ a: g.add(s, 1), b: g.mul(t, 3), c: g.mul(g.sum(input("x", [99])), 2) }), 1);
});

Deno.test("transposes, slices and casts of inputs cost no kernel", () => {
  const [x, bytes] = [input("x", [32, 7]), input("bytes", [7, 32], "uint8")];
  assertEquals(countOf({ y: g.matmul(g.transpose(x), g.slice(x, [0, 0], [32, 5])) }), 1);
  assertEquals(countOf({ y: g.sum(g.mul(g.cast(bytes, "float32"), g.transpose(x)), 0) }), 1);
});

Deno.test("no kernel touches more tensors than the device allows", () => {
  const inputs = Array.from({ length: 12 }, (_, i) => input(`x${i}`, [64]));
  const y = inputs.map((x) => g.exp(x)).reduce((a, b) => g.add(a, b));
  const few = { ...policy, maxOperands: 6 };
  const plan = planOf({ y, z: g.mul(y, g.sin(y)) }, [], few);
  verifyPlan(plan);
  for (const kernel of plan.kernels) {
    const tensors = new Set(kernel.stores.map((s) => s.target));
    for (const { source } of loadsOf(kernel)) tensors.add(source);
    assert(tensors.size <= few.maxOperands, `${kernel.label} touches ${tensors.size} tensors`);
  }
});

/** Shapes of 24 or 36 elements. */
const shape = fc.constantFrom(24, 36).chain((size) => {
  const shapes = [1, 2, 3, 4, 6, 12].flatMap((a) =>
    [1, 2, 3, 4, 6].filter((b) => size % (a * b) === 0).map((b) => [a, b, size / (a * b)])
  );
  return fc.tuple(fc.constantFrom(...shapes), fc.constantFrom(...shapes));
});

Deno.test("element-wise ops before and behind any reshape() can be planned", () => {
  fc.assert(
    fc.property(shape, ([from, to]) => {
      const a = g.exp(input("x", from));
      const b = g.sqrt(g.add(g.reshape(a, to), 1));
      countOf({ a, b, c: g.transpose(g.reshape(b, from)), d: g.sum(b, 2) });
    }),
    { numRuns: 300, seed: 7 },
  );
});
