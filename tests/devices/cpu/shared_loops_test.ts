/** Loops whose steps threads go through on their own give the bits that one thread gives. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { kernelPhases } from "../../../devices/cpu/codegen/kernel_phases.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { shareLoops } from "../../../devices/cpu/shared_loops.ts";
import { IN_SHARE, withEarlyCopies } from "../../../devices/loop_nest/loop_invariants.ts";
import type { NdArray } from "../../../engine/array.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { plan } from "../../../engine/plan.ts";
import { apply, leaf } from "../../../engine/tensor.ts";
import { Tuning } from "../../../engine/tuning.ts";
import * as g from "../../../ops/mod.ts";
import { all, asLoop, recipes } from "../../ops/random_loops.ts";
import { gatedNet, type Outputs, results } from "../loop_programs.ts";

// Threads outlive a test.
const one = cpuDevice({ threads: 1 });
const others = [2, 3].map((threads) => cpuDevice({ threads }));
const options = { sanitizeResources: false, sanitizeOps: false };

const numbers = (values: Record<string, NdArray>) => Object.values(values).map(({ data }) => [...data]);

/** Compares all numbers of threads; gives how many kernels were shared on each. */
async function sameBits(shapes: readonly number[][], trace: (given: Tensor[]) => Outputs) {
  const expected = numbers((await results(one, shapes, trace)).values);
  const counts: number[] = [];
  for (const device of others) {
    const { values, text } = await results(device, shapes, trace);
    assertEquals(numbers(values), expected, device.description);
    counts.push(text.split("share of the batch").length - 1);
  }
  return counts;
}

const [steps, units] = [6, 64];

for (const batch of [16, 17, 32]) {
  Deno.test({
    name: `a gated net and its gradient have the same bits on any number of threads, ${batch} rows`,
    ...options,
    fn: async () => {
      for (const reverse of [false, true]) {
        const shapes = [[steps, batch, units], [units, 2 * units], [batch, units], [batch, 1]];
        const counts = await sameBits(shapes, (given) => gatedNet(given, reverse));
        assert(counts.every((n) => n >= 4), `${counts} kernels are shared`);
      }
    },
  });
}

Deno.test({
  name:
    "threads have room of their own for what each step of theirs copies, and share what is the same for all",
  ...options,
  fn: async () => {
    // So many steps that the threads are in the loop at the same time. The left side of the convolution has zeros around it, the right side of the scores is another one for each row.
    const [batch, size, channels] = [11, 6, 16];
    const counts = await sameBits(
      [[batch, size, size, channels], [3, 3, channels, channels], [batch, channels, 24]],
      ([h, kernel, keys]) => {
        const { carry } = g.scan(({ h }) => {
          const moved = g.tanh(g.conv2d(h, kernel, { padding: "same" }));
          const flat = g.reshape(moved, [batch, size * size, channels]);
          const scores = g.softmax(g.matmul(flat, keys));
          const found = g.matmul(scores, g.transpose(keys, [0, 2, 1]));
          return { carry: { h: g.add(h, g.reshape(found, h.shape)) } };
        }, { carry: { h }, length: 100 });
        return { h: carry.h };
      },
    );
    assert(counts.every((n) => n >= 3), `${counts} kernels are shared`);
  },
});

Deno.test({
  name: "a loop within a loop and loops behind each other have the same bits on any number of threads",
  ...options,
  fn: async () => {
    const [batch, inner] = [10, 3];
    const counts = await sameBits([[steps, batch, units], [units, units]], ([x, w]) => {
      const net = (x: Tensor) =>
        g.scan(({ h }, { x }) => {
          const { carry, ys } = g.scan(({ s }) => {
            const next = g.tanh(g.add(g.matmul(s, w), x));
            return { carry: { s: next }, ys: { next } };
          }, { carry: { s: h }, length: inner });
          return { carry: { h: carry.s }, ys: { y: g.max(ys.next, 0) } };
        }, { carry: { h: g.zeros([batch, units]) }, xs: { x } }).ys.y;
      const y = net(net(x));
      return { y, gradient: g.grad(g.sum(g.square(y)), [x])[0] };
    });
    assert(counts.every((n) => n >= 4), `${counts} kernels are shared`);
  },
});

Deno.test("nothing is to be done between the threads of a loop, of which some have one row more", () => {
  const shapes = [[steps, 17, units], [units, 2 * units], [17, units], [17, 1]];
  const inputs = shapes.map((shape) =>
    apply(leaf, [], { kind: "input", name: "x", type: { dtype: "float32", shape } })
  );
  const made = plan({ outputs: gatedNet(inputs, false), updates: new Map() }, one.policy);
  const { plan: cut, shares } = shareLoops(made, 2);
  assertEquals(shares.map((s) => s.firstThread), [0, 1, 0, 1]);
  const { levels } = withEarlyCopies(cut, cut.kernels.map((k) => kernelPhases(k)), shares);
  shares.forEach(({ loop, firstThread }, i) => {
    if (firstThread === 0) return;
    const before = shares.find((s) => s.firstLevel === shares[i].firstLevel)!;
    const isBetween = (w: number) => before.loop.lastLevel < w && w < loop.firstLevel - IN_SHARE;
    assertEquals(levels.filter(isBetween), []);
  });
  assert(levels.some((w) => !Number.isInteger(w)), "weights are copied before");
});

Deno.test({
  name: "few rows for many threads are not shared, and have the same bits, too",
  ...options,
  fn: async () => {
    const shapes = [[steps, 2, units], [units, 2 * units], [2, units], [2, 1]];
    assertEquals(await sameBits(shapes, (given) => gatedNet(given, false)), [0, 0]);
  },
});

/** In most random loops rows meet; here, only in the sums of gradients. */
const apart = recipes.map((recipe) => ({
  ...recipe,
  ops: recipe.ops.map((op) => ({ ...op, kind: op.kind === 4 || op.kind === 7 ? 1 : op.kind })),
}));

Deno.test({
  name: "random loops have the same bits on any number of threads",
  ...options,
  fn: async () => {
    let shared = 0;
    await fc.assert(
      fc.asyncProperty(apart, fc.integer({ min: 5, max: 13 }), async (recipe, rows) => {
        const shapes = [[64 * recipe.steps, rows, 48], [rows, 48], [rows, 48], [48, 48]];
        const [two] = await sameBits(
          shapes,
          (given) => all(asLoop({ ...recipe, steps: 64 * recipe.steps }, given), given),
        );
        if (two > 0) shared++;
      }),
      { numRuns: 12, seed: 3 },
    );
    assert(shared >= 6, `${shared} of 12 are shared`);
  },
});

Deno.test({
  name: "kernels of loops are timed like others, and give the same bits in the fastest variant",
  ...options,
  fn: async () => {
    const shapes = [[steps, 16, units], [units, 2 * units], [16, units], [16, 1]];
    const trace = (given: Tensor[]) => gatedNet(given, false);
    const expected = numbers((await results(one, shapes, trace)).values);
    for (const device of [one, others[0]]) {
      const tuning = device.tuning = new Tuning();
      try {
        const { values, text } = await results(device, shapes, trace);
        assertEquals(numbers(values), expected, device.description);
        const inLoops = text.split("\n").filter((line) =>
          line.includes("tiles") && line.startsWith("        ")
        );
        assert(inLoops.length >= 2 && tuning.found >= inLoops.length, `${tuning.found} kernels were timed`);
      } finally {
        device.tuning = undefined;
      }
    }
  },
});
