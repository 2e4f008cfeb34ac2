/** How many kernels typical programs take: a number that rises is a step back, one that falls is to be written here. */
import { assertEquals } from "@std/assert";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, state } from "./plans.ts";

const BATCH = 32;

/** The shapes of a small network: two convolutions, two dense layers. */
const shapes = {
  w0: [3, 3, 3, 16],
  b0: [16],
  w1: [3, 3, 16, 32],
  b1: [32],
  w2: [6 * 6 * 32, 64],
  b2: [64],
  w3: [64, 10],
  b3: [10],
} as const;
const layout = g.packLayout(Object.values(shapes));

function logitsOf(images: Tensor, [w0, b0, w1, b1, w2, b2, w3, b3]: readonly Tensor[]): Tensor {
  const first = g.maxPool2d(g.relu(g.add(g.conv2d(images, w0), b0)));
  const second = g.maxPool2d(g.relu(g.add(g.conv2d(first, w1), b1)));
  const hidden = g.relu(g.dense(g.flatten(second), w2, b2));
  return g.dense(hidden, w3, b3);
}

const bytes = () => input("images", [BATCH, 32, 32, 3], "uint8");
const labels = () => input("labels", [BATCH], "int32");
const scaled = (images: Tensor) => g.mul(g.cast(images, "float32"), 1 / 255);

/** The kernels of a plan, once it is verified. */
function countOf(...args: Parameters<typeof planOf>): number {
  const plan = planOf(...args);
  verifyPlan(plan);
  return plan.kernels.length;
}

Deno.test("a forward pass of a small convolutional network takes five kernels", () => {
  const weights = Object.entries(shapes).map(([name, shape]) => input(name, shape));
  assertEquals(countOf({ logits: logitsOf(scaled(bytes()), weights) }), 5);
});

Deno.test("its evaluation, with loss and correct answers, takes two more", () => {
  const weights = Object.entries(shapes).map(([name, shape]) => input(name, shape));
  const logits = logitsOf(scaled(bytes()), weights);
  const answers = labels();
  const loss = g.mean(g.softmaxCrossEntropy(logits, answers));
  const correct = g.sum(g.equal(g.argMax(logits), answers));
  assertEquals(countOf({ loss, correct }), 7);
});

Deno.test("its training step with stochastic gradient descent takes 21 kernels", () => {
  const weights = Object.entries(shapes).map(([name, shape]) => state(name, shape));
  const loss = g.mean(g.softmaxCrossEntropy(logitsOf(scaled(bytes()), weights), labels()));
  const gradients = g.grad(loss, weights);
  const updates = weights.map((w, i) => [w, g.sub(w, g.mul(gradients[i], 0.1))] as const);
  assertEquals(countOf({ loss }, updates), 21);
});

Deno.test("its training step with Adam on packed weights takes 22 kernels", () => {
  const size = [layout.size];
  const [block, first, second] = ["block", "first", "second"].map((name) => state(name, size));
  const count = state("count", []);
  const weights = g.unpack(block, layout);
  const loss = g.mean(g.softmaxCrossEntropy(logitsOf(scaled(bytes()), weights), labels()));
  const gradient = g.pack(g.grad(loss, weights));
  const step = g.add(count, 1);
  const mean = g.add(g.mul(first, 0.9), g.mul(gradient, 0.1));
  const square = g.add(g.mul(second, 0.999), g.mul(g.square(gradient), 0.001));
  const rate = g.div(g.mul(0.001, g.sqrt(g.sub(1, g.pow(0.999, step)))), g.sub(1, g.pow(0.9, step)));
  const next = g.sub(block, g.div(g.mul(rate, mean), g.add(g.sqrt(square), 1e-7)));
  const total = state("total", []);
  const updates = [[block, next], [first, mean], [second, square], [count, step], [
    total,
    g.add(total, loss),
  ]] as const;
  assertEquals(countOf({}, updates), 22);
});

Deno.test("five steps of a recurrent cell take two kernels each", () => {
  const [inputs, w, u, b] = [
    input("inputs", [5, BATCH, 8]),
    input("w", [8, 16]),
    input("u", [16, 16]),
    input("b", [16]),
  ];
  let carry = g.zeros([BATCH, 16]);
  for (let t = 0; t < 5; t++) {
    const x = g.reshape(g.slice(inputs, [t, 0, 0], [1, BATCH, 8]), [BATCH, 8]);
    carry = g.tanh(g.add(g.add(g.matmul(x, w), g.matmul(carry, u)), b));
  }
  assertEquals(countOf({ carry }), 10);
});
