/** Which loops can be gone through for parts of a batch, and along what. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Plan, plan } from "../../engine/plan.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { cpu } from "../devices.ts";

const input = (...shape: number[]): Tensor =>
  apply(leaf, [], { kind: "input", name: "x", type: { dtype: "float32", shape } });

const planOf = (outputs: Record<string, Tensor>): Plan => {
  const made = plan({ outputs, updates: new Map() }, cpu.device.policy);
  verifyPlan(made);
  return made;
};

/** The sizes of the batches of a program's loops. */
const batchesOf = (outputs: Record<string, Tensor>) => planOf(outputs).loops.map((l) => l.batch?.size);

const [steps, batch, units] = [5, 6, 8];
const [x, h0, w] = [input(steps, batch, units), input(batch, units), input(units, units)];

/** A loop over `x` from a step, and the gradients of its input and its weights. */
function withGradients(
  step: (h: Tensor, x: Tensor, position: Tensor) => Tensor,
  reverse = false,
): Record<string, Tensor> {
  const { ys } = g.scan(({ h }, { x }, position) => {
    const next = step(h, x, position);
    return { carry: { h: next }, ys: { next } };
  }, { carry: { h: h0 }, xs: { x }, reverse });
  const gradients = g.grad(g.sum(g.square(ys.next)), [x, h0, w]);
  return { y: ys.next, ...Object.fromEntries(gradients.map((t, i) => [`g${i}`, t])) };
}

const plain = (h: Tensor, x: Tensor) => g.tanh(g.add(x, g.matmul(h, w)));

Deno.test("the rows of a recurrent net never meet, forwards or backwards in time, nor do those of its gradient", () => {
  for (const reverse of [false, true]) assertEquals(batchesOf(withGradients(plain, reverse)), [batch, batch]);
});

Deno.test("nor where a step is a product of state and input side by side, and a softmax of it", () => {
  const both = input(2 * units, units);
  const step = (h: Tensor, x: Tensor) => g.softmax(g.matmul(g.concat([h, x], 1), both));
  assertEquals(batchesOf(withGradients(step)), [batch, batch]);
});

Deno.test("nor where lengths differ within the batch", () => {
  const lengths = input(batch, 1);
  const step = (h: Tensor, x: Tensor, t: Tensor) =>
    g.where(g.less(g.cast(t, "float32"), lengths), plain(h, x), h);
  assertEquals(batchesOf(withGradients(step)), [batch, batch]);
});

Deno.test("nor where each row attends to what it has of its own, through a loop within the loop", () => {
  const keys = input(batch, 3, units);
  const step = (h: Tensor, x: Tensor) => {
    const scores = g.softmax(g.sum(g.mul(keys, g.reshape(h, [batch, 1, units])), 2));
    const { carry } = g.scan(
      ({ s }) => ({ carry: { s: plain(s, x) } }),
      { carry: { s: g.sum(g.mul(keys, g.reshape(scores, [batch, 3, 1])), 1) }, length: 2 },
    );
    return carry.s;
  };
  // The gradient of the inner loop's weights adds up over the batch in each step.
  const { y, g0, g1 } = withGradients(step);
  for (const size of batchesOf({ y, g0, g1 })) assertEquals(size, batch);
});

Deno.test("padding moves within an image and not to the next one", () => {
  const kernel = input(3, 3, 2, 2);
  const { carry } = g.scan(
    ({ h }) => ({ carry: { h: g.tanh(g.conv2d(h, kernel, { padding: "same" })) } }),
    { carry: { h: input(batch, 4, 4, 2) }, length: steps },
  );
  assertEquals(batchesOf({ h: carry.h }), [batch]);
});

Deno.test("a batch along another axis than the first counts, and so do rows that are joined with it", () => {
  const { carry } = g.scan(({ h }) => {
    const next = g.matmul(g.reshape(h, [2 * batch, units]), w);
    return { carry: { h: g.tanh(g.reshape(next, [2, batch, units])) } };
  }, { carry: { h: input(2, batch, units) }, length: steps });
  const [size] = batchesOf({ h: carry.h });
  assert(size !== undefined && size >= 2, `${size}`);
});

Deno.test("where rows meet, loops cannot be cut", () => {
  const meeting: ((h: Tensor, x: Tensor) => Tensor)[] = [
    (h, x) => g.sub(plain(h, x), g.mean(h)),
    (h, x) => g.sub(plain(h, x), g.mean(h, 0, { keepDims: true })),
    (h, x) => plain(g.reshape(g.transpose(h), h.shape), x),
    (h, x) => plain(g.add(g.slice(g.concat([h, h], 0), [1, 0], h.shape), 1), x),
  ];
  for (const step of meeting) {
    const { carry } = g.scan(({ h }, { x }) => ({ carry: { h: step(h, x) } }), {
      carry: { h: h0 },
      xs: { x },
    });
    assertEquals(batchesOf({ h: carry.h }), [undefined], step.toString());
  }
});

Deno.test("one number that is handed on keeps a loop whole", () => {
  const { carry } = g.scan(({ h, s }, { x }) => {
    return { carry: { h: plain(h, x), s: g.add(s, 1) } };
  }, { carry: { h: h0, s: g.zeros([]) }, xs: { x } });
  assertEquals(batchesOf({ h: carry.h, s: carry.s }), [undefined]);
});

Deno.test("verifyPlan() throws where parts of a batch could overwrite what others need", () => {
  const made = planOf(withGradients(plain));
  const [{ firstLevel, lastLevel }] = made.loops.filter((l) => l.reverse);
  const inside = made.kernels.filter((_, i) => firstLevel <= made.levels[i] && made.levels[i] <= lastLevel);
  const [first, second] = inside.map((k) => k.stores[0].target);
  const slots = new Map(made.memory.slots).set(first, made.memory.slots.get(second)!);
  assertThrows(() => verifyPlan({ ...made, memory: { ...made.memory, slots } }), Error, "part of the batch");
});
