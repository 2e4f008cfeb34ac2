/** Memory of temporaries: nothing that is needed is overwritten, and little is wasted. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Kernel } from "../../engine/kernel.ts";
import { kernelLoads, SLOT_ALIGNMENT, slotBytes } from "../../engine/passes/memory_plan.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, policy, state } from "./plans.ts";

interface Life {
  readonly tensor: Tensor;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** When each temporary is written first and read last, from the kernels alone, and where it is. */
function livesOf({ kernels, levels, memory }: Plan): Life[] {
  return [...memory.slots].flatMap(([tensor, slot]) => {
    if (slot.kind !== "arena" || slot.offset < memory.keptBytes) return [];
    const wavesOf = (test: (kernel: Kernel) => boolean) => levels.filter((_, i) => test(kernels[i]));
    const written = wavesOf((k) => k.stores.some((s) => s.target === tensor));
    const read = wavesOf((k) => kernelLoads(k).some((l) => l.source === tensor));
    const [from, to] = [Math.min(...written), Math.max(...written, ...read)];
    return [{ tensor, from, to, start: slot.offset, end: slot.offset + slot.bytes }];
  });
}

/** Whether one kernel alone reads `old` at last, and only the very element that it writes of `next`. */
function takesItsPlace({ kernels, levels }: Plan, old: Life, next: Life): boolean {
  const readers = kernels.filter((k, i) =>
    levels[i] === old.to && kernelLoads(k).some((l) => l.source === old.tensor)
  );
  const [kernel] = readers;
  const store = kernel?.stores.find((s) => s.target === next.tensor);
  return readers.length === 1 && store !== undefined && old.start === next.start &&
    kernelLoads(kernel).every((l) => l.source !== old.tensor || !l.operand && l.index === store.index);
}

function checkMemory(plan: Plan): void {
  verifyPlan(plan);
  const { memory } = plan;
  const lives = livesOf(plan);
  for (const a of lives) {
    assertEquals(a.start % SLOT_ALIGNMENT, 0);
    assert(a.start >= memory.keptBytes && a.end <= memory.arenaBytes);
    assertEquals(a.end - a.start, slotBytes(a.tensor));
    for (const b of lives) {
      const overlap = a !== b && a.start < b.end && b.start < a.end && a.from <= b.from && b.from <= a.to;
      assert(
        !overlap || a.to === b.from && a.from < b.from && takesItsPlace(plan, a, b),
        `${b.tensor.op.name} overwrites ${a.tensor.op.name}`,
      );
    }
  }
  const peak = Math.max(
    0,
    ...plan.levels.map((level) => {
      const needed = lives.filter((life) => life.from <= level && level <= life.to);
      // What lies in one place counts once.
      return [...new Map(needed.map((l) => [l.start, l.end - l.start])).values()].reduce((x, y) => x + y, 0);
    }),
  );
  assert(memory.arenaBytes >= memory.liveBytes, `${memory.arenaBytes} bytes for ${memory.liveBytes}`);
  assert(memory.liveBytes >= peak, `${memory.liveBytes} bytes are said to be live, ${peak} are`);
}

const node = fc.record({ kind: fc.nat(7), first: fc.nat(40), second: fc.nat(40) });

function build(plans: readonly { kind: number; first: number; second: number }[], size: number): Tensor[] {
  const nodes = [input("x", [size, size]), input("y", [size, size])];
  for (const { kind, first, second } of plans) {
    const [a, b] = [nodes[first % nodes.length], nodes[second % nodes.length]];
    const made = [
      () => g.matmul(a, b),
      () => g.matmul(g.tanh(a), b, { transposeA: true }),
      () => g.add(g.exp(a), g.sin(b)),
      () => g.sub(a, g.mean(b, 0, { keepDims: true })),
      () => g.softmax(a),
      () => g.mul(g.transpose(a), b),
      () => g.cast(g.greater(g.exp(a), b), "float32"),
      () => g.reshape(g.unpack(g.tanh(g.pack([a, b])), g.packLayout([a.shape, b.shape]))[1], [size, size]),
    ];
    nodes.push(made[kind]());
  }
  return nodes.slice(-2);
}

Deno.test("no two temporaries that are needed together share memory, in any graph", () => {
  const few = { ...policy, maxOperands: 4, windowLimit: 0, operandCost: undefined };
  const inParts = { ...policy, arenaPart: 8192 };
  fc.assert(
    fc.property(fc.array(node, { minLength: 2, maxLength: 20 }), fc.constantFrom(3, 9, 20), (plans, size) => {
      for (const choice of [policy, few, inParts]) {
        const [y, z] = build(plans, size);
        const weights = state("w", [size, size]);
        const plan = planOf({ y, total: g.sum(z) }, [[weights, g.sub(weights, g.matmul(y, z))]], choice);
        checkMemory(plan);
      }
    }),
    { numRuns: 150, seed: 9 },
  );
});

Deno.test("a chain of products needs two temporaries at a time, however long it is", () => {
  let x = input("x", [20, 20]);
  const w = input("w", [20, 20]);
  for (let n = 0; n < 10; n++) x = g.matmul(x, w);
  const plan = planOf({ y: g.sum(x) });
  checkMemory(plan);
  assertEquals(plan.memory.arenaBytes, 2 * slotBytes(x));
  assertEquals(plan.memory.liveBytes, plan.memory.arenaBytes);
});

Deno.test("a map that reads a temporary for the last time writes in its place", () => {
  const x = input("x", [20, 20]);
  const sums = g.softmax(g.matmul(x, x));
  const plan = planOf({ y: g.matmul(g.add(sums, g.transpose(x)), sums) });
  checkMemory(plan);
  const places = livesOf(plan);
  assert(new Set(places.map((l) => l.start)).size < places.length);
});

Deno.test("packs keep their places between runs, ahead of what comes and goes", () => {
  const [a, b] = [input("a", [5]), input("b", [7, 3])];
  const block = g.pack([g.exp(a), g.sin(b)]);
  const plan = planOf({ y: g.matmul(g.reshape(g.mul(block, 2), [1, -1]), g.ones([block.size, 4])) });
  checkMemory(plan);
  assertEquals(plan.memory.keptBytes, slotBytes(block));
});

Deno.test("outputs, state and inputs lie outside of the arena", () => {
  const [x, s] = [input("x", [50]), state("s", [50])];
  const y = g.exp(x);
  const plan = planOf({ y, total: g.sum(y) }, [[s, g.add(s, y)]]);
  checkMemory(plan);
  for (const tensor of [x, s, plan.outputs.y, plan.outputs.total]) {
    assertEquals(plan.memory.slots.get(tensor)?.kind, "external");
  }
  assertEquals(plan.memory.arenaBytes, 0);
});

Deno.test("slots are whole multiples of what WebGPU aligns bindings to, also for bytes and for nothing", () => {
  assertEquals(SLOT_ALIGNMENT, 256);
  assertEquals(slotBytes(input("x", [64])), 256);
  assertEquals(slotBytes(input("x", [65])), 512);
  assertEquals(slotBytes(input("x", [257], "uint8")), 512);
  assertEquals(slotBytes(input("x", [0])), 256);
  assertEquals(slotBytes(input("x", [])), 256);
});

Deno.test("this test would notice two tensors in one place", () => {
  const x = input("x", [20, 20]);
  const plan = planOf({ y: g.matmul(g.matmul(x, x), g.matmul(x, g.transpose(x))) });
  const slots = new Map(
    [...plan.memory.slots].map(([tensor, slot]) =>
      [tensor, slot.kind === "arena" ? { ...slot, offset: 0 } : slot] as const
    ),
  );
  assertThrows(() => checkMemory({ ...plan, memory: { ...plan.memory, slots } }));
});
