/** Any way of laying windows: convolutions, pools, and pools behind convolutions, with their gradients. */
import fc from "fast-check";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { checkOnDevice, checkWithoutDevice, type OpCase } from "../check_op.ts";
import { everyDevice } from "../devices.ts";
import { convolution, pool, windowsAlong } from "../oracle/products.ts";
import { floats } from "./inputs.ts";

const pair = (low: number, high: number) =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));
const padding = (most: number) =>
  fc.oneof(
    fc.constant("valid" as const),
    fc.constant("same" as const),
    fc.tuple(pair(0, most), pair(0, most)),
  );

const convolutions = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  image: pair(1, 11),
  window: pair(1, 4),
  strides: pair(1, 4),
  dilations: pair(1, 3),
  padding: padding(4),
  groups: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 4 }),
  filters: fc.integer({ min: 1, max: 6 }),
  poolSize: pair(1, 3),
  poolStrides: pair(1, 3),
});
type Layout = typeof convolutions extends fc.Arbitrary<infer T> ? T : never;

const counts = (
  image: readonly number[],
  window: readonly number[],
  options: Parameters<typeof windowsAlong>[3],
) => ([0, 1] as const).map((axis) => windowsAlong(axis, image[axis], window[axis], options).count);

/** The case of a layout, `undefined` where no window fits. */
function caseOf(layout: Layout, isPooled: boolean): OpCase | undefined {
  const { batch, image, window, groups, channels, filters, poolSize, poolStrides: strides } = layout;
  const found = counts(image, window, layout);
  if (found.some((n) => n < 1) || isPooled && counts(found, poolSize, { strides }).some((n) => n < 1)) {
    return undefined;
  }
  const pooled = (y: Tensor) => g.maxPool2d(g.tanh(y), { poolSize, strides });
  return {
    name: `conv2d() ${JSON.stringify(layout)}`,
    inputs: [
      floats(batch, ...image, channels * groups),
      floats(...window, channels, filters * groups),
    ],
    build: (x, w) => {
      const y = g.conv2d(x, w, layout);
      return isPooled ? pooled(y) : y;
    },
    oracle: (x, w) => {
      const y = convolution(x, w, layout);
      if (!isPooled) return y;
      return pool({ ...y, data: y.data.map(Math.tanh) }, poolSize, (v) => Math.max(...v), { strides });
    },
    twice: false,
    // A tanh that is nearly flat makes small gradients out of differences.
    tolerance: isPooled ? 2e-5 : 4e-6,
  };
}

for (const isPooled of [false, true]) {
  const what = isPooled ? "a pool behind any convolution" : "any convolution";
  Deno.test(`${what} agrees with its oracle and finite differences`, () => {
    fc.assert(
      fc.property(convolutions, (layout) => {
        const test = caseOf(layout, isPooled);
        if (test) checkWithoutDevice(test);
      }),
      { numRuns: 100, seed: 10 },
    );
  });
  for (const { name, device } of everyDevice) {
    Deno.test(`${what} runs on ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(convolutions, async (layout) => {
          const test = caseOf(layout, isPooled);
          if (test) await checkOnDevice(test, device);
        }),
        { numRuns: device.kind === "cpu" ? 200 : 20, seed: 11 },
      );
    });
  }
}
