/** Products of any sizes, batches and transposes, with something before or behind them, and their gradients. */
import fc from "fast-check";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { checkOnDevice, type OpCase } from "../check_op.ts";
import { everyDevice } from "../devices.ts";
import { floats } from "./inputs.ts";

const batches = fc.constantFrom([[], []], [[2], []], [[], [3]], [[2], [2]], [[2, 1], [3]], [[1], [2, 3]]);
const layouts = fc.record({
  m: fc.integer({ min: 1, max: 40 }),
  k: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(640, 641, 700, 961, 968, 1300)),
  n: fc.integer({ min: 1, max: 40 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  batches,
  epilogue: fc.nat(5),
});
type Layout = typeof layouts extends fc.Arbitrary<infer T> ? T : never;

const epilogues: ((y: Tensor, bias: Tensor) => Tensor)[] = [
  (y) => y,
  (y, bias) => g.relu(g.add(y, bias)),
  (y) => g.sum(y, -1),
  (y) => g.softmax(g.mul(y, 0.1)),
  (y, bias) => g.mul(y, bias),
  (y) => g.transpose(y),
];

function caseOf(layout: Layout): OpCase {
  const { m, k, n, transposeA, transposeB, batches: [batchA, batchB], epilogue } = layout;
  return {
    name: `matmul() ${JSON.stringify(layout)}`,
    inputs: [
      floats(...batchA, ...transposeA ? [k, m] : [m, k]),
      floats(...batchB, ...transposeB ? [n, k] : [k, n]),
      floats(n),
    ],
    build: (a, b, bias) => epilogues[epilogue](g.matmul(a, b, { transposeA, transposeB }), bias),
    // Long sums under a softmax.
    tolerance: 2e-4,
  };
}

for (const { name, device } of everyDevice) {
  Deno.test(`any product of matrices runs on ${name}, and so do its gradients`, async () => {
    await fc.assert(
      fc.asyncProperty(layouts, async (layout) => await checkOnDevice(caseOf(layout), device)),
      { numRuns: device.kind === "cpu" ? 150 : 15, seed: 12 },
    );
  });
}
