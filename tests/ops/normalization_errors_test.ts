/** What normalizations refuse, and how many kernels they take. */
import { assertEquals } from "@std/assert";
import { verifyPlan } from "../../engine/passes/verify.ts";
import * as g from "../../ops/mod.ts";
import { input, planOf, policy } from "../engine/plans.ts";
import { f, i, testRefusals } from "./refusals.ts";

testRefusals([
  ["layerNormalization() of int32", () => g.layerNormalization(i(2, 3)), TypeError, "int32", "cast"],
  [
    "layerNormalization() over more axes than there are",
    () => g.layerNormalization(f(2, 3), { axes: 3 }),
    RangeError,
    "[2, 3]",
    "last 3 axes",
  ],
  [
    "rmsNormalization() over no axis",
    () => g.rmsNormalization(f(2, 3), { axes: 0 }),
    RangeError,
    "axes 0",
  ],
  [
    "layerNormalization() with a scale that does not fit",
    () => g.layerNormalization(f(2, 3), { scale: f(2) }),
    RangeError,
    "layerNormalization",
    "scale float32 [2]",
    "float32 [3]",
  ],
  [
    "rmsNormalization() with an epsilon below zero",
    () => g.rmsNormalization(f(2, 3), { epsilon: -1 }),
    RangeError,
    "epsilon -1",
  ],
  [
    "groupNormalization() of groups that do not divide",
    () => g.groupNormalization(f(2, 3, 4), 3),
    RangeError,
    "in 3 groups",
    "4 channels",
  ],
  ["groupNormalization() of one axis", () => g.groupNormalization(f(4), 2), RangeError, "[4]", "two axes"],
  [
    "instanceNormalization() with an offset of int32",
    () => g.instanceNormalization(f(2, 3, 4), { offset: i(4) }),
    RangeError,
    "offset int32 [4]",
  ],
  [
    "layerNormalization() with an option that it lacks",
    () => g.layerNormalization(f(2, 3), { eps: 1 } as object),
    TypeError,
    "eps",
    "epsilon",
  ],
  [
    "groupNormalization() with a number as scale",
    () => g.groupNormalization(f(2, 4), 2, { scale: 2 as never }),
    TypeError,
    "scale 2",
    "a tensor",
  ],
  ["batchNormalization() of a number", () => g.batchNormalization(f()), RangeError, "channel axis"],
  [
    "batchNormalization() by statistics of another shape",
    () => g.batchNormalization(f(2, 3), { statistics: { mean: f(3), variance: f(2) } }),
    RangeError,
    "variance [2]",
    "both have to be [3]",
  ],
]);

/** The kernels of the result and of all gradients. */
function kernelsOf(
  rows: boolean,
  build: (x: ReturnType<typeof f>, scale: ReturnType<typeof f>) => typeof scale,
) {
  const [x, scale, w] = [input("x", [64, 32]), input("scale", [32]), input("w", [64, 32])];
  const y = build(x, scale);
  const [toX, toScale] = g.grad(g.sum(g.mul(y, w)), [x, scale]);
  const choice = rows ? { ...policy, rows: { fewest: 64, shortest: 16, longest: 1 << 16 } } : policy;
  const plan = planOf({ y, toX, toScale }, [], choice);
  verifyPlan(plan);
  return plan.kernels.map((kernel) => kernel.label);
}

Deno.test("a layer normalization and its gradient take two kernels where rows are at hand: the second adds up over rows", () => {
  assertEquals(kernelsOf(true, (x, scale) => g.layerNormalization(x, { scale })).length, 2);
  assertEquals(kernelsOf(true, (x, scale) => g.rmsNormalization(x, { scale })).length, 2);
});

Deno.test("a batch normalization takes three kernels, and its gradient two: the sums, and what comes of them", () => {
  assertEquals(kernelsOf(false, (x, scale) => g.batchNormalization(x, { scale })).length, 5);
});
