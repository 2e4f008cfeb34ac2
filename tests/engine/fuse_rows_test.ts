/** Kernels that go over rows several times: what they take in, what they leave alone, and what they keep where. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { cpuInRows } from "../devices.ts";
import { input, planOf, policy } from "./plans.ts";

const rows = { fewest: 8, shortest: 4, longest: 100 };
const inRows = { ...policy, rows };

/** A verified plan on a device that keeps rows at hand. */
function planInRows(outputs: Record<string, Tensor>) {
  const plan = planOf(outputs, [], inRows);
  verifyPlan(plan);
  return plan;
}

const normalized = (x: Tensor, gain: Tensor, bias: Tensor): Tensor => {
  const centred = g.sub(x, g.mean(x, -1, { keepDims: true }));
  const size = g.rsqrt(g.add(g.mean(g.square(centred), -1, { keepDims: true }), 1e-5));
  return g.add(g.mul(g.mul(centred, size), gain), bias);
};

Deno.test("a softmax is one kernel that goes over each row three times and keeps its exponentials in the result", () => {
  const plan = planInRows({ y: g.softmax(input("x", [8, 20])) });
  assertEquals(plan.kernels.length, 1);
  const [{ accumulators, sweeps, stores }] = plan.kernels;
  assertEquals(accumulators.map((a) => a.reduceOp), ["max"]);
  assertEquals(sweeps.map((p) => p.accumulators.map((a) => a.reduceOp)), [["sum"], []]);
  assertEquals(sweeps.map((p) => p.stores.length), [1, 1]);
  assertEquals(sweeps[0].stores[0].target, sweeps[1].stores[0].tensor);
  assertEquals(stores, []);
  assertEquals(plan.memory.arenaBytes, 0);
});

Deno.test("without rows at hand, a softmax takes its exponentials twice and nothing is kept", () => {
  const plan = planOf({ y: g.softmax(input("x", [8, 20])) });
  assertEquals(plan.kernels.map((k) => k.accumulators.map((a) => a.reduceOp)), [["max", "sumExp"], []]);
});

Deno.test("a layer's normalization is one kernel, and what is cheap in it is computed again", () => {
  const plan = planInRows({ y: normalized(input("x", [8, 20]), input("gain", [20]), input("bias", [20])) });
  assertEquals(plan.kernels.length, 1);
  const [{ sweeps }] = plan.kernels;
  assertEquals(sweeps.map((p) => [p.accumulators.length, p.stores.length]), [[1, 0], [0, 1]]);
});

Deno.test("a softmax and its gradient are one kernel", () => {
  const [x, w] = [input("x", [8, 20]), input("w", [8, 20])];
  const [gradient] = g.grad(g.sum(g.mul(g.softmax(x), w)), [x]);
  assertEquals(planInRows({ gradient }).kernels.length, 1);
});

Deno.test("rows that are few, short, long, or not neighbours in memory are left alone", () => {
  const share = (x: Tensor, axis: number) => g.div(x, g.sum(x, axis, { keepDims: true }));
  const countOf = (shape: number[], axis = 1) =>
    planInRows({ y: share(input("x", shape), axis) }).kernels.length;
  assertEquals(countOf([8, 4]), 1);
  assertEquals(countOf([8, 100]), 1);
  assertEquals([countOf([7, 20]), countOf([8, 3]), countOf([8, 101])], [2, 2, 2]);
  assertEquals(countOf([20, 9], 0), 2);
  assertEquals(countOf([8, 20, 5], 1), 2);
});

Deno.test("a map that shares nothing with the rows has a kernel of its own", () => {
  const [x, y] = [input("x", [8, 20]), input("y", [8, 20])];
  assertEquals(planInRows({ y: g.mul(y, g.sum(x, 1, { keepDims: true })) }).kernels.length, 2);
});

Deno.test("what a row gives for itself and other kernels' needs of its elements are stored, too", () => {
  const x = input("x", [8, 20]);
  const powers = g.exp(g.sub(x, g.max(x, 1, { keepDims: true })));
  const total = g.sum(powers, 1, { keepDims: true });
  const plan = planInRows({ y: g.div(powers, total), total, other: g.matmul(g.transpose(powers), x) });
  const stores = plan.kernels[0].sweeps.map((p) => p.stores.map((s) => s.tensor === s.target));
  assertEquals(stores, [[true], [true]]);
  assertEquals(plan.kernels[0].stores.length, 1);
});

Deno.test("in rows of -Infinity, large numbers and NaN, a softmax is exact, and zero where it should be", async () => {
  const lines = [[-Infinity, 0, -Infinity, 1], [1000, 0, 999, -1000], [NaN, 1, 2, 3], [Infinity, 1, 2, 3]];
  const x = Float32Array.from({ length: 4 * 23 }, (_, i) => lines[Math.floor(i / 23)][i % 4]);
  const program = await compileProgram((_state, { x }: Record<string, Tensor>) => ({
    outputs: { y: g.softmax(x) },
  }), { device: cpuInRows.device, inputs: { x: { dtype: "float32", shape: [4, 23] } } });
  const { y } = await program.call({ x });
  assertStringIncludes(program.explain(), "each 3 times");
  program.close();
  for (let row = 0; row < 4; row++) {
    const given = x.subarray(23 * row, 23 * row + 23);
    const powers = Array.from(given, (v) => Math.exp(v - Math.max(...given)));
    const total = powers.reduce((a, b) => a + b);
    powers.forEach((power, i) => {
      const [exact, found] = [power / total, y.data[23 * row + i]];
      assert(row > 1 ? Number.isNaN(found) : Math.abs(found - exact) <= 1e-6 * exact, `${found}, ${exact}`);
    });
  }
});

Deno.test("state that is normalized along its rows is read whole before it is written", async () => {
  const { device } = cpuInRows;
  const first = Float32Array.from({ length: 5 * 7 }, (_, i) => Math.sin(3 * i));
  const state = new State(device, { x: { dtype: "float32", shape: [5, 7], data: first } });
  const one = new Float32Array(7).fill(1);
  const program = await compileProgram(({ x }, { gain }: Record<string, Tensor>) => {
    const y = normalized(x, gain, gain);
    return { state: { x: g.add(y, g.mul(x, 0.5)) }, outputs: { y } };
  }, { device, state, inputs: { gain: { dtype: "float32", shape: [7] } } });
  program.run({ inputs: { gain: one }, times: 3 });
  const found = (await state.read("x")).data;
  let expected = [...first];
  for (let run = 0; run < 3; run++) {
    expected = expected.map((x, i) => {
      const row = expected.slice(i - i % 7, i - i % 7 + 7);
      const mean = row.reduce((a, b) => a + b) / 7;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 7;
      return (x - mean) / Math.sqrt(variance + 1e-5) + 1 + 0.5 * x;
    });
  }
  expected.forEach((v, i) => assert(Math.abs(found[i] - v) < 1e-5, `${i}: ${found[i]}, ${v}`));
  program.close();
  state.close();
});

Deno.test("rows give truth values, positions, halves and whole numbers in later sweeps, too", async () => {
  for (const shape of [[5, 7], [9, 33], [3, 2, 5, 4]]) {
    const length = shape.at(-1)!;
    const size = shape.reduce((a, b) => a * b);
    const given = Float32Array.from({ length: size }, (_, i) => Math.sin(i * i));
    const program = await compileProgram((_state, { x }: Record<string, Tensor>) => {
      const centred = g.sub(x, g.mean(x, -1, { keepDims: true }));
      const farthest = g.max(g.abs(centred), -1, { keepDims: true });
      const scaled = g.div(centred, farthest);
      return {
        outputs: {
          above: g.greater(centred, 0),
          at: g.argMax(g.abs(centred), -1),
          half: g.cast(scaled, "float16"),
          whole: g.cast(g.mul(scaled, 100), "int32"),
          count: g.sum(g.greater(scaled, 0.5), -1),
        },
      };
    }, { device: cpuInRows.device, inputs: { x: { dtype: "float32", shape } } });
    const found = await program.call({ x: given });
    assertStringIncludes(program.explain(), "each 3 times");
    program.close();
    for (let row = 0; row < size / length; row++) {
      const line = [...given.subarray(row * length, (row + 1) * length)];
      const mean = line.reduce((a, b) => a + b) / length;
      const sizes = line.map((v) => Math.abs(v - mean));
      const scaled = line.map((v) => (v - mean) / Math.max(...sizes));
      assertEquals(found.at.data[row], sizes.indexOf(Math.max(...sizes)));
      assertEquals(found.count.data[row], scaled.filter((v) => v > 0.5).length);
      scaled.forEach((v, i) => {
        const at = row * length + i;
        assertEquals(Boolean(found.above.data[at]), v > 0);
        assert(Math.abs(found.half.data[at] - v) < 1e-3);
        assert(
          Math.abs(found.whole.data[at] - Math.trunc(100 * v)) <= (Math.abs(100 * v % 1) < 1e-3 ? 1 : 0),
        );
      });
    }
  }
});
