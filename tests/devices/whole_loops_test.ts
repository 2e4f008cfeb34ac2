/** Loops that WebGPU runs as one dispatch. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { kernelTexts } from "../../devices/webgpu/codegen/kernel_texts.ts";
import type { Target } from "../../devices/webgpu/codegen/target.ts";
import { type Plan, plan } from "../../engine/plan.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { assertClose } from "../check_op.ts";
import { cpu, webgpu } from "../devices.ts";
import { gatedNet, type Outputs, results } from "./loop_programs.ts";

const target: Target = {
  maxBindings: 16,
  maxSharedBytes: 16384,
  maxSliceTerms: 16,
  maxRounds: Infinity,
  maxTimedWays: 1,
};

const input = (...shape: number[]): Tensor =>
  apply(leaf, [], { kind: "input", name: "x", type: { dtype: "float32", shape } });

/** A loop in a loop, with a convolution whose padding lies around each image of its own. */
function nested([x, kernel, h]: Tensor[]): Outputs {
  const { carry, ys } = g.scan(({ h }, { x }) => {
    const { carry } = g.scan(
      ({ s }) => ({ carry: { s: g.tanh(g.conv2d(g.add(s, x), kernel, { padding: "same" })) } }),
      { carry: { s: h }, length: 3 },
    );
    return { carry: { h: carry.s }, ys: { most: g.max(carry.s, [1, 2]) } };
  }, { carry: { h }, xs: { x } });
  return { h: carry.h, most: ys.most };
}

const cases: [string, number[][], (given: Tensor[]) => Outputs][] = [
  ["a gated net", [[7, 5, 24], [24, 48], [5, 24], [5, 1]], (given) => gatedNet(given, false)],
  [
    "a gated net backwards in time",
    [[7, 5, 24], [24, 48], [5, 24], [5, 1]],
    (given) => gatedNet(given, true),
  ],
  ["a loop in a loop", [[4, 3, 5, 5, 2], [3, 3, 2, 2], [3, 5, 5, 2]], nested],
];

for (const [what, shapes, trace] of cases) {
  if (!webgpu) continue;
  Deno.test(`${what} in one dispatch gives what its steps give one after another on ${webgpu.name}`, async () => {
    const found = await results(webgpu!.device, shapes, trace);
    assertStringIncludes(found.text, "all steps in one dispatch");
    const expected = await results(cpu.device, shapes, trace);
    for (const [name, { data }] of Object.entries(expected.values)) {
      assertClose(found.values[name].data, Float64Array.from(data), 1e-5, name);
    }
  });
}

/** The dispatches of a recurrent net and its gradient, those in loops in each step. */
function dispatchesOf(
  steps: number,
  batch: number,
  units: number,
  limits: Partial<Target> = {},
): { made: Plan; count: number } {
  const [x, w, h] = [input(steps, batch, units), input(units, 2 * units), input(batch, units)];
  const made = plan(
    { outputs: gatedNet([x, w, h, input(batch, 1)], false), updates: new Map() },
    cpu.device.policy,
  );
  const { dispatches, loops } = kernelTexts({ ...made }, { ...target, ...limits }, () => undefined);
  const times = (i: number) => loops.reduce((n, l) => l.first <= i && i < l.end ? n * l.times : n, 1);
  return { made, count: dispatches.reduce((sum, _, i) => sum + times(i), 0) };
}

Deno.test("the dispatches of loops do not grow with their steps", () => {
  assertEquals(dispatchesOf(40, 8, 64).count, dispatchesOf(20, 8, 64).count);
});

Deno.test("loops have a dispatch for each kernel and step where weights, batch, bindings or rounds are too many", () => {
  const steps = 20;
  const { count } = dispatchesOf(steps, 8, 64);
  const others = [
    dispatchesOf(steps, 8, 1024),
    dispatchesOf(steps, 4096, 64),
    dispatchesOf(steps, 8, 64, { maxBindings: 4 }),
    dispatchesOf(steps, 8, 64, { maxRounds: 100 }),
  ];
  others.forEach((other, i) => assert(other.count > count + steps, `${i}: ${other.count} dispatches`));
});
