/** The order of kernels, and state that is written where it lies or copied. */
import { assert, assertEquals } from "@std/assert";
import { kernelLoads } from "../../engine/passes/memory_plan.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, state } from "./plans.ts";

/** Whether the plan ends in copies, as opposed to writing new state where it is made. */
const copiesOf = ({ kernels }: Plan) => kernels.filter((k) => k.label === "copy").length;

const isInPlace = (plan: Plan, leaf: Tensor) =>
  plan.kernels.some((k) => k.label !== "copy" && k.stores.some((s) => s.target === leaf));

Deno.test("state that is updated element by element is written where it lies", () => {
  const s = state("s", [100]);
  const plan = planOf({}, [[s, g.mul(g.add(s, 1), 0.5)]]);
  verifyPlan(plan);
  assertEquals([plan.kernels.length, plan.memory.arenaBytes, copiesOf(plan)], [1, 0, 0]);
  assert(isInPlace(plan, s));
});

Deno.test("state that is read at other places is copied at the end", () => {
  const s = state("s", [100]);
  for (const value of [g.reverse(s), g.add(s, g.sum(s)), g.sub(s, g.reverse(s))]) {
    const plan = planOf({}, [[s, value]]);
    verifyPlan(plan);
    const writer = plan.kernels.findIndex((k) => k.stores.some((store) => store.target === s));
    const readsElsewhere = kernelLoads(plan.kernels[writer]).some(({ source, index }) =>
      source === s && index !== plan.kernels[writer].stores[0].index
    );
    assert(!readsElsewhere, `${value.op.name} overwrites what it still reads`);
  }
});

Deno.test("state is written only after all that read its old value", () => {
  const s = state("s", [100]);
  const plan = planOf({ total: g.sum(s), energy: g.sum(g.mul(s, g.reverse(s))) }, [[s, g.add(s, 1)]]);
  verifyPlan(plan);
  const level = (test: (i: number) => boolean) => plan.levels.filter((_, i) => test(i));
  const reads = level((i) => kernelLoads(plan.kernels[i]).some((l) => l.source === s));
  const writes = level((i) => plan.kernels[i].stores.some((store) => store.target === s));
  assertEquals(writes.length, 1);
  assert(reads.every((r) => r <= writes[0]));
  assert(isInPlace(plan, s));
});

Deno.test("kernels come in levels that rise, and none needs another of its level", () => {
  const [x, w] = [input("x", [9, 33]), input("w", [33, 9])];
  const y = g.matmul(g.tanh(g.matmul(x, w)), g.matmul(x, w, { transposeB: false }));
  const { kernels, levels } = planOf({ y, z: g.sum(g.exp(x), 0), gradient: g.grad(g.sum(y), [w])[0] });
  levels.forEach((level, i) => assert(i === 0 || levels[i - 1] <= level));
  kernels.forEach((kernel, i) => {
    const together = kernels.filter((_, k) => k !== i && levels[k] === levels[i]);
    const written = new Set(together.flatMap((k) => k.stores.map((store) => store.target)));
    assert(!kernelLoads(kernel).some((l) => written.has(l.source)), kernel.label);
  });
});
