import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { NdArray } from "../../engine/array.ts";
import { activation, type ActivationName } from "../../models/layers/core/activation.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import {
  averagePool2d,
  globalAveragePool2d,
  globalMaxPool2d,
  maxPool2d,
} from "../../models/layers/pooling/pooling.ts";
import { type Model, sequential } from "../../models/model.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";

function assertClose(actual: NdArray, expected: readonly number[], tolerance = 2e-6): void {
  assertEquals(actual.data.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(actual.data[i], value, tolerance, `element ${i}`));
}

/** The same in training and afterwards: layers that draw nothing and keep nothing. */
async function assertGives(model: Model, x: NdArray, expected: readonly number[]): Promise<void> {
  for (const training of [false, true]) {
    const { output, updates } = await applyModel(model, x, { training });
    assertEquals([...output.shape], [x.shape[0], ...model.outputShape]);
    assertClose(output, expected);
    assertEquals(Object.keys(updates), []);
  }
}

interface Geometry {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Rows and columns of zeros above and left of the image. */
  readonly before: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
}

/** A convolution as its definition says it: one result at a time. */
function convolved(x: NdArray, kernel: NdArray, bias: NdArray | undefined, of: Geometry): number[] {
  const [batch, height, width] = x.shape;
  const results: number[] = [];
  const perGroup = of.channels / of.groups;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < of.rows; i++) {
      for (let j = 0; j < of.columns; j++) {
        for (let f = 0; f < of.filters; f++) {
          let sum = bias?.data[f] ?? 0;
          const firstChannel = Math.floor(f / (of.filters / of.groups)) * perGroup;
          for (let k = 0; k < of.size[0]; k++) {
            for (let l = 0; l < of.size[1]; l++) {
              const row = i * of.strides[0] + k * of.dilations[0] - of.before[0];
              const column = j * of.strides[1] + l * of.dilations[1] - of.before[1];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              for (let c = 0; c < perGroup; c++) {
                const pixel = x.data[((n * height + row) * width + column) * of.channels + firstChannel + c];
                sum += pixel * kernel.data[((k * of.size[1] + l) * perGroup + c) * of.filters + f];
              }
            }
          }
          results.push(sum);
        }
      }
    }
  }
  return results;
}

Deno.test("conv2d with a bias and relu is the sum over its windows, without what is negative", async () => {
  const model = sequential([conv2d({ filters: 5, kernelSize: 3, activation: "relu" })], {
    inputShape: [6, 7, 3],
  });
  fillWeights(model);
  const x = someNumbers([2, 6, 7, 3], 9);
  const [kernel, bias] = [model.weights.get("conv2d_1/kernel")!, model.weights.get("conv2d_1/bias")!];
  const expected = convolved(x, kernel, bias, {
    channels: 3,
    filters: 5,
    groups: 1,
    size: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    before: [0, 0],
    rows: 4,
    columns: 5,
  });
  await assertGives(model, x, expected.map((y) => Math.max(0, y)));
});

Deno.test("conv2d with groups, strides, dilation and padding on all sides is the sum over its windows", async () => {
  const layer = conv2d({
    filters: 6,
    kernelSize: [3, 2],
    strides: [2, 3],
    dilations: [2, 1],
    padding: "same",
    groups: 2,
    useBias: false,
    activation: "tanh",
  });
  const model = sequential([layer], { inputShape: [7, 8, 4] });
  fillWeights(model, 3);
  const x = someNumbers([3, 7, 8, 4], 5);
  // Rows: 4 windows reach over (4 - 1) * 2 + 5 = 11, 4 more than there are; columns: 3 over 8, none more.
  const expected = convolved(x, model.weights.get("conv2d_1/kernel")!, undefined, {
    channels: 4,
    filters: 6,
    groups: 2,
    size: [3, 2],
    strides: [2, 3],
    dilations: [2, 1],
    before: [2, 0],
    rows: 4,
    columns: 3,
  });
  await assertGives(model, x, expected.map(Math.tanh));
});

Deno.test("dense multiplies the last axis by its kernel, adds its bias and applies its activation", async () => {
  const model = sequential([dense({ units: 4, activation: "sigmoid" })], { inputShape: [2, 3] });
  fillWeights(model, 2);
  const x = someNumbers([5, 2, 3], 7);
  const [kernel, bias] = [model.weights.get("dense_1/kernel")!, model.weights.get("dense_1/bias")!];
  const expected: number[] = [];
  for (let row = 0; row < 10; row++) {
    for (let u = 0; u < 4; u++) {
      let sum = bias.data[u];
      for (let k = 0; k < 3; k++) sum += x.data[row * 3 + k] * kernel.data[k * 4 + u];
      expected.push(1 / (1 + Math.exp(-sum)));
    }
  }
  await assertGives(model, x, expected);
});

Deno.test("pools take the largest or the mean of their windows, whole or cut by the edge", async () => {
  const x = someNumbers([2, 5, 5, 2], 4);
  const windows = (n: number, i: number, j: number, c: number, size: number, stride: number) => {
    const seen: number[] = [];
    for (let row = i * stride; row < Math.min(5, i * stride + size); row++) {
      for (let column = j * stride; column < Math.min(5, j * stride + size); column++) {
        seen.push(x.data[((n * 5 + row) * 5 + column) * 2 + c]);
      }
    }
    return seen;
  };
  const pooled = (count: number, size: number, stride: number, join: (seen: number[]) => number) => {
    const results: number[] = [];
    for (let at = 0; at < 2 * count * count * 2; at++) {
      const [c, j, i, n] = [1, 2, 2 * count, 2 * count * count].map((step) => Math.floor(at / step));
      results.push(join(windows(n, i % count, j % count, c % 2, size, stride)));
    }
    return results;
  };
  const largest = (seen: number[]) => Math.max(...seen);
  const mean = (seen: number[]) => seen.reduce((a, b) => a + b, 0) / seen.length;
  const of = (layer: Parameters<typeof sequential>[0][number]) =>
    sequential([layer], { inputShape: [5, 5, 2] });
  await assertGives(of(maxPool2d()), x, pooled(2, 2, 2, largest));
  await assertGives(of(averagePool2d()), x, pooled(2, 2, 2, mean));
  await assertGives(of(maxPool2d({ poolSize: 3, strides: 1 })), x, pooled(3, 3, 1, largest));
  // "same" adds one row and one column below and to the right, which count for nothing.
  await assertGives(of(maxPool2d({ padding: "same" })), x, pooled(3, 2, 2, largest));
  await assertGives(of(averagePool2d({ padding: "same" })), x, pooled(3, 2, 2, mean));
  await assertGives(of(globalMaxPool2d()), x, pooled(1, 5, 5, largest));
  await assertGives(of(globalAveragePool2d()), x, pooled(1, 5, 5, mean));
});

/** The distribution function of the standard normal, by Simpson's rule. */
function normalBelow(x: number): number {
  const [low, steps] = [-12, 4000];
  const width = (x - low) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((low + i * width) ** 2) / 2);
  }
  return sum * width / 3 / Math.sqrt(2 * Math.PI);
}

const formulas: Record<Exclude<ActivationName, "softmax">, (x: number) => number> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  leakyRelu: (x) => x > 0 ? x : 0.2 * x,
  elu: (x) => x > 0 ? x : Math.expm1(x),
  gelu: (x) => x * normalBelow(x),
  silu: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  tanh: Math.tanh,
};

for (const [name, formula] of Object.entries(formulas)) {
  Deno.test(`the activation ${name} is its formula`, async () => {
    const x = someNumbers([3, 7]);
    x.data.forEach((value, i) => x.data[i] = Math.fround(4 * value));
    const model = sequential([activation(name as ActivationName)], { inputShape: [7] });
    await assertGives(model, x, [...x.data].map(formula));
  });
}

Deno.test("the activation softmax makes the last axis sum to one", async () => {
  const x = someNumbers([2, 3, 4]);
  const expected = [...x.data].map((value, i) => {
    const row = [...x.data.subarray(i - i % 4, i - i % 4 + 4)];
    return Math.exp(value) / row.reduce((sum, y) => sum + Math.exp(y), 0);
  });
  await assertGives(sequential([activation("softmax")], { inputShape: [3, 4] }), x, expected);
});

Deno.test("flatten joins axes in their order", async () => {
  const x = someNumbers([2, 2, 3, 2]);
  await assertGives(sequential([flatten()], { inputShape: [2, 3, 2] }), x, [...x.data]);
});
