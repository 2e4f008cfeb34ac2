/** Plans of nets that are unrolled over many steps: what they take rises with the number of steps, and not faster. */
import { assert, assertEquals } from "@std/assert";
import { mul as product } from "../../engine/expression/expr.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import type { Plan } from "../../engine/plan.ts";
import { apply, type Op } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, state } from "./plans.ts";

let looks = 0;

/** A square that counts how often the engine asks what it is. */
const counted: Op<Record<string, never>> = {
  name: "counted",
  inferShape: ([x]) => x,
  vjp: (cotangent, { inputs: [x] }) => [g.mul(cotangent, g.mul(x, 2))],
  body: {
    kind: "map",
    elementwise: true,
    value: ({ index, load }) => {
      looks++;
      return product(load(0, index), load(0, index));
    },
  },
};

/** A training step of a recurrent net, and how often the engine has looked at the square in it. */
function unrolled(steps: number): { plan: Plan; looks: number } {
  const [w, u, b] = [state("w", [8, 8]), state("u", [8, 8]), state("b", [8])];
  const xs = input("xs", [steps, 4, 8]);
  let h = g.zeros([4, 8]);
  let loss = g.zeros([]);
  for (let t = 0; t < steps; t++) {
    const x = g.reshape(g.slice(xs, [t, 0, 0], [1, 4, 8]), [4, 8]);
    h = g.tanh(g.add(g.add(g.matmul(x, w), g.matmul(h, u)), b));
    loss = g.add(loss, g.mean(apply(counted, [h], {})));
  }
  const weights = [w, u, b];
  const gradients = g.grad(loss, weights);
  looks = 0;
  const plan = planOf({ loss }, weights.map((s, i) => [s, g.sub(s, g.mul(gradients[i], 0.1))] as const));
  verifyPlan(plan);
  return { plan, looks };
}

Deno.test("planning looks at each node of a net as often however many steps are unrolled", () => {
  const [fewer, more] = [unrolled(100), unrolled(400)];
  assert(more.looks <= 4.1 * fewer.looks, `${more.looks} looks instead of ${fewer.looks}`);
  assert(more.plan.kernels.length <= 4.1 * fewer.plan.kernels.length, "as many kernels a step");
  assert(more.plan.memory.arenaBytes <= 4.1 * fewer.plan.memory.arenaBytes, "as much memory a step");
});

Deno.test("a chain of kernels may be as long as it likes", () => {
  const w = input("w", [4, 4]);
  let x = input("x", [4, 4]);
  for (let i = 0; i < 10_000; i++) x = g.matmul(x, w);
  const plan = planOf({ x });
  verifyPlan(plan);
  assertEquals([plan.kernels.length, plan.levels.at(-1)], [10_000, 9_999]);
});
