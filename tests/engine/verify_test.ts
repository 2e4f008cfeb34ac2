/** Broken plans are noticed before they run. */
import { assertThrows } from "@std/assert";
import { axisValue, i32, loadFrom } from "../../engine/expression/expr.ts";
import type { Kernel } from "../../engine/kernel.ts";
import type { Slot } from "../../engine/passes/memory_plan.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, state } from "./plans.ts";

/** Three products, two of which wait for the third. */
function goodPlan(): Plan {
  const [x, w] = [input("x", [20, 20]), input("w", [20, 20])];
  const [a, b] = [g.matmul(x, w).named("a"), g.matmul(w, x).named("b")];
  return planOf({ y: g.matmul(a, b).named("y") });
}

const withSlots = (plan: Plan, change: (slot: Slot, tensor: Tensor) => Slot | undefined): Plan => {
  const slots = new Map([...plan.memory.slots].flatMap(([tensor, slot]) => {
    const changed = change(slot, tensor);
    return changed ? [[tensor, changed] as const] : [];
  }));
  return { ...plan, memory: { ...plan.memory, slots } };
};

const withKernel = (plan: Plan, at: number, change: (kernel: Kernel) => Kernel): Plan => ({
  ...plan,
  kernels: plan.kernels.map((kernel, i) => i === at ? change(kernel) : kernel),
});

Deno.test("verifyPlan() takes a good plan", () => {
  verifyPlan(goodPlan());
});

Deno.test("verifyPlan() throws when a kernel reads what comes later", () => {
  const plan = goodPlan();
  const broken = { ...plan, kernels: [...plan.kernels].reverse() };
  assertThrows(() => verifyPlan(broken), Error, "before it is written");
});

Deno.test("verifyPlan() throws when kernels of one level need each other", () => {
  const plan = goodPlan();
  assertThrows(() => verifyPlan({ ...plan, levels: plan.kernels.map(() => 0) }), Error, "matmul");
});

Deno.test("verifyPlan() throws when two temporaries that are needed together overlap", () => {
  const broken = withSlots(goodPlan(), (slot) => slot.kind === "arena" ? { ...slot, offset: 0 } : slot);
  assertThrows(() => verifyPlan(broken), Error, "while it is needed");
});

Deno.test("verifyPlan() throws when they overlap by a part only", () => {
  const broken = withSlots(
    goodPlan(),
    (slot) => slot.kind === "arena" && slot.offset > 0 ? { ...slot, offset: slot.offset - 256 } : slot,
  );
  assertThrows(() => verifyPlan(broken), Error, "while it is needed");
});

Deno.test("verifyPlan() throws when a tensor reaches beyond the arena", () => {
  const plan = goodPlan();
  const memory = { ...plan.memory, arenaBytes: plan.memory.arenaBytes - 1 };
  assertThrows(() => verifyPlan({ ...plan, memory }), Error, "beyond the arena");
});

Deno.test("verifyPlan() throws when a tensor lies in two parts of the arena", () => {
  const plan = goodPlan();
  const { bytes } = [...plan.memory.slots.values()].find((slot) => slot.kind === "arena")!;
  const broken = withSlots(
    plan,
    (slot) => slot.kind === "arena" ? { ...slot, offset: slot.offset + 256 } : slot,
  );
  const memory = { ...broken.memory, partBytes: bytes, arenaBytes: plan.memory.arenaBytes + 256 };
  assertThrows(() => verifyPlan({ ...broken, memory }), Error, "two parts of the arena");
});

Deno.test("verifyPlan() throws when a tensor has no memory", () => {
  assertThrows(
    () => verifyPlan(withSlots(goodPlan(), (slot) => slot.kind === "arena" ? undefined : slot)),
    Error,
    "no memory",
  );
});

Deno.test("verifyPlan() throws when a kernel is missing", () => {
  const plan = goodPlan();
  const broken = { ...plan, kernels: plan.kernels.slice(1), levels: plan.levels.slice(1) };
  assertThrows(() => verifyPlan(broken), Error, "before it is written");
});

Deno.test("verifyPlan() throws when a constant index is outside", () => {
  const x = input("x", [5]);
  const plan = planOf({ y: g.exp(x) });
  for (const place of [5, -1]) {
    const broken = withKernel(plan, 0, (kernel) => ({
      ...kernel,
      stores: kernel.stores.map((store) => ({ ...store, value: loadFrom(x, "float32", i32(place)) })),
    }));
    assertThrows(() => verifyPlan(broken), Error, `reads element ${place}`);
  }
});

Deno.test("verifyPlan() throws when a result takes the place of what is still read at other places", () => {
  const x = input("x", [20, 20]);
  const sums = g.matmul(x, x);
  const plan = planOf({ y: g.matmul(g.sub(sums, g.mean(sums)), x) });
  const turned = withKernel(plan, plan.kernels.length - 2, (kernel) => ({
    ...kernel,
    stores: kernel.stores.map((store) => ({
      ...store,
      value: loadFrom(sums, "float32", axisValue({ name: "elsewhere", size: 400 })),
    })),
  }));
  const overlapping = withSlots(turned, (slot) => slot.kind === "arena" ? { ...slot, offset: 0 } : slot);
  assertThrows(() => verifyPlan(overlapping), Error, "while it is needed");
});

Deno.test("verifyPlan() throws when state is overwritten before its last reader", () => {
  const s = state("s", [40]);
  const plan = planOf({ total: g.sum(g.mul(s, g.reverse(s))) }, [[s, g.add(s, 1)]]);
  verifyPlan(plan);
  const order = plan.kernels.map((_, i) => i).reverse();
  const broken = {
    ...plan,
    kernels: order.map((i) => plan.kernels[i]),
    levels: plan.kernels.map((_, i) => i),
  };
  assertThrows(() => verifyPlan(broken), Error, "state");
});
