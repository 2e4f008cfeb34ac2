/** Loops in plans: what is in them, what is not, and that nothing grows with the number of steps but what is kept. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { plan } from "../../engine/plan.ts";
import type { Plan } from "../../engine/plan.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { cpu, everyDevice } from "../devices.ts";

const input = (...shape: number[]) =>
  apply(leaf, [], { kind: "input", name: "x", type: { dtype: "float32", shape } });

/** A recurrent net with an output of each step, and the gradients of all its weights. */
function trainedNet(steps: number): Record<string, Tensor> {
  const [x, wx, wh, wo] = [input(steps, 8, 16), input(16, 32), input(32, 32), input(32, 12)];
  const { ys } = g.scan(({ h }, { x }) => {
    const next = g.tanh(g.add(g.matmul(x, wx), g.matmul(h, wh)));
    return { carry: { h: next }, ys: { y: g.matmul(next, wo) } };
  }, { carry: { h: g.zeros([8, 32]) }, xs: { x } });
  const loss = g.mean(g.square(ys.y));
  const gradients = g.grad(loss, [wx, wh, wo]);
  return { loss, ...Object.fromEntries(gradients.map((t, i) => [`g${i}`, t])) };
}

const planOf = (outputs: Record<string, Tensor>): Plan => {
  const made = plan({ outputs, updates: new Map() }, cpu.device.policy);
  verifyPlan(made);
  return made;
};

/** Kernels by whether they are in a loop. */
function kernelsOf({ kernels, levels, loops }: Plan) {
  const isInside = (i: number) => loops.some((l) => l.firstLevel <= levels[i] && levels[i] <= l.lastLevel);
  return { inside: kernels.filter((_, i) => isInside(i)), outside: kernels.filter((_, i) => !isInside(i)) };
}

Deno.test("only what is carried stays in a loop: a step has one product, products over all steps are outside", () => {
  const { inside, outside } = kernelsOf(planOf(trainedNet(20)));
  assertEquals(inside.filter((k) => k.contraction).length, 2);
  // Forwards: of the input and the output; backwards: of the output's states, and three of weights.
  assertEquals(outside.filter((k) => k.contraction).length, 6);
  assert(inside.length <= 3, inside.map((k) => k.label).join(", "));
});

Deno.test("the kernels of a loop are as many for a thousand steps as for half of them", () => {
  const [short, long] = [planOf(trainedNet(500)), planOf(trainedNet(1000))];
  assertEquals(long.nodes, short.nodes);
  assertEquals(long.loops.map((l) => l.times), [1000, 1000]);
  assertEquals(kernelsOf(long).inside.length, kernelsOf(short).inside.length);
  assertEquals(long.dispatches - long.kernels.length, 999 * kernelsOf(long).inside.length);
});

Deno.test("a loop that keeps nothing has memory for two steps, and one where state is updated in place for one", () => {
  const bytes = (steps: number, inPlace: boolean) => {
    const w = input(64, 64);
    const { carry } = g.scan(
      ({ h }) => ({ carry: { h: inPlace ? g.tanh(g.mul(h, w)) : g.tanh(g.matmul(h, w)) } }),
      { carry: { h: g.ones([64, 64]) }, length: steps },
    );
    return planOf({ h: carry.h }).memory.arenaBytes;
  };
  assertEquals(bytes(1000, false), 2 * 64 * 64 * 4);
  assertEquals(bytes(1000, true), 64 * 64 * 4);
});

Deno.test("what nothing needs of a loop is not computed", () => {
  const [x, w] = [input(5, 2, 3), input(3, 3)];
  const { ys } = g.scan(({ a, b }, { x }) => {
    const next = g.tanh(g.add(a, x));
    return { carry: { a: next, b: g.tanh(g.matmul(b, w)) }, ys: { next, other: g.matmul(next, w) } };
  }, { carry: { a: g.zeros([2, 3]), b: g.ones([2, 3]) }, xs: { x } });
  const { kernels } = planOf({ y: ys.next });
  assertEquals(kernels.filter((k) => k.contraction).length, 0);
});

for (const { name, device } of everyDevice) {
  Deno.test(`a thousand steps with a gradient run on ${name}`, async () => {
    const steps = 1000;
    const program = await compileProgram(() => {
      const x = g.full([steps, 1], 1);
      const { carry } = g.scan(({ h }, { x }) => ({ carry: { h: g.add(g.mul(h, 0.999), x) } }), {
        carry: { h: g.zeros([1]) },
        xs: { x: g.mul(x, 1) },
      });
      return { outputs: { h: carry.h } };
    }, { device });
    const { h } = await program.call();
    program.close();
    const expected = (1 - 0.999 ** steps) / 0.001;
    assert(Math.abs(h.data[0] - expected) < 1e-3 * expected, `${h.data[0]} instead of ${expected}`);
  });

  Deno.test(`sums over many steps that a loop adds up itself do not drift on ${name}`, async () => {
    // More elements than are kept of all steps, and no whole number of parts.
    const [size, steps] = [2100, 2003];
    const program = await compileProgram((_state, { w }: Record<string, Tensor>) => {
      const { ys } = g.scan(({ s }) => {
        const y = g.tanh(g.add(w, g.mul(s, 0)));
        return { carry: { s: y }, ys: { y: g.mul(y, 0.3) } };
      }, { carry: { s: g.ones([size]) }, length: steps });
      return { outputs: { gradient: g.grad(g.sum(ys.y), [w])[0] } };
    }, { device, inputs: { w: { dtype: "float32", shape: [size] } } });
    assertStringIncludes(program.explain(), "accumulate part");
    const { gradient } = await program.call({ w: new Float32Array(size).fill(0.1) });
    program.close();
    const expected = steps * 0.3 * (1 - Math.tanh(Math.fround(0.1)) ** 2);
    const off = Math.max(...[...gradient.data].map((v) => Math.abs(v - expected))) / expected;
    assert(off < 1.5e-6, `${off}`);
  });

  Deno.test(`a loop runs again with other inputs, and its program several times in a row, on ${name}`, async () => {
    const program = await compileProgram(
      (_state, { x }: Record<string, Tensor>) => {
        const { carry } = g.scan(({ s }, { x }) => ({ carry: { s: g.add(s, x) } }), {
          carry: { s: g.zeros([2]) },
          xs: { x },
        });
        return { outputs: { sum: carry.s } };
      },
      { device, inputs: { x: { dtype: "float32", shape: [3, 2] } } },
    );
    for (const by of [1, 2]) {
      const x = Float32Array.from({ length: 6 }, (_, i) => i * by);
      program.run({ inputs: { x }, times: 3 });
      assertEquals([...(await program.read("sum")).data], [6 * by, 9 * by]);
    }
    program.close();
  });
}

Deno.test("scan() says what does not fit", () => {
  const h = g.zeros([2]);
  const step = ({ h }: { h: Tensor }) => ({ carry: { h } });
  assertThrows(() => g.scan(step, { carry: { h } }), RangeError, "length has to say how many steps");
  assertThrows(() => g.scan(step, { carry: { h }, length: 1.5 }), RangeError, "Cannot scan with length 1.5");
  assertThrows(
    () => g.scan(step, { carry: { h }, xs: { x: g.zeros([3]), y: g.zeros([4]) } }),
    RangeError,
    'along "y" of shape [4]: its first axis has 4',
  );
  assertThrows(
    () => g.scan(({ h }) => ({ carry: { h: g.sum(h) } }), { carry: { h }, length: 2 }),
    TypeError,
    "it began as float32 [2], the step gives float32 []",
  );
  assertThrows(
    () => g.scan(({ h }) => ({ carry: { g: h } as unknown as { h: Tensor } }), { carry: { h }, length: 2 }),
    TypeError,
    "hands on g; the names have to be the same",
  );
});
