import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { type Model, sequential } from "../../models/model.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";

const [momentum, epsilon, channels] = [0.8, 0.01, 3];
const x = someNumbers([4, 2, 3, channels], 5);

function makeModel(): Model {
  const model = sequential([batchNormalization({ momentum, epsilon, name: "norm" })], {
    inputShape: [2, 3, channels],
  });
  fillWeights(model, 11);
  const variance = model.weights.get("norm/variance")!;
  model.setWeight("norm/variance", { ...variance, data: variance.data.map((v) => Math.abs(v) + 0.5) });
  return model;
}

/** A weight's numbers; they belong to channels. */
const weight = (model: Model, name: string) => [...model.weights.get(`norm/${name}`)!.data];

/** Mean and variance (over all, not all but one) of each channel. */
function statistics(data: ArrayLike<number>): { mean: number[]; variance: number[] } {
  const rows = data.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const variance = new Array<number>(channels).fill(0);
  for (let i = 0; i < data.length; i++) mean[i % channels] += data[i] / rows;
  for (let i = 0; i < data.length; i++) variance[i % channels] += (data[i] - mean[i % channels]) ** 2 / rows;
  return { mean, variance };
}

/** The formula, in doubles. */
function normalized(
  data: ArrayLike<number>,
  { mean, variance }: { mean: number[]; variance: number[] },
  scale: readonly number[],
  offset: readonly number[],
): number[] {
  return Array.from(data, (value, i) => {
    const c = i % channels;
    return (value - mean[c]) / Math.sqrt(variance[c] + epsilon) * scale[c] + offset[c];
  });
}

function assertClose(actual: NdArray, expected: readonly number[], tolerance: number, what: string): void {
  assertEquals(actual.data.length, expected.length, what);
  expected.forEach((e, i) => assertAlmostEquals(actual.data[i], e, tolerance, `${what}, element ${i}`));
}

Deno.test("batchNormalization in training uses the statistics of the batch, over all axes but the last", async () => {
  const model = makeModel();
  const { output } = await applyModel(model, x, { training: true });
  const expected = normalized(x.data, statistics(x.data), weight(model, "scale"), weight(model, "offset"));
  assertClose(output, expected, 5e-6, "result");
});

Deno.test("batchNormalization in training moves its running statistics towards those of the batch", async () => {
  const model = makeModel();
  const { updates } = await applyModel(model, x, { training: true });
  assertEquals(Object.keys(updates), ["norm/mean", "norm/variance"]);
  const batch = statistics(x.data);
  for (const name of ["mean", "variance"] as const) {
    const expected = weight(model, name).map((old, c) => old * momentum + batch[name][c] * (1 - momentum));
    assertClose(updates[`norm/${name}`], expected, 1e-6, name);
  }
});

Deno.test("batchNormalization in training is as exact where numbers are large beside their spread", async () => {
  const model = makeModel();
  // The mean of 24 such numbers is none of single precision.
  for (const far of [1e4, 1e7, -1.6e7, 3e9]) {
    const step = Math.max(1, 2 ** Math.ceil(Math.log2(Math.abs(far)) - 24));
    const data = Float32Array.from(x.data, (_, i) => Math.fround(far) + step * ((i * 7) % 5));
    const { output, updates } = await applyModel(model, ndarray("float32", x.shape, data), {
      training: true,
    });
    const batch = statistics(data);
    assertClose(
      output,
      normalized(data, batch, weight(model, "scale"), weight(model, "offset")),
      1e-5,
      `${far}`,
    );
    const variance = weight(model, "variance").map((old, c) =>
      old * momentum + batch.variance[c] * (1 - momentum)
    );
    const largest = Math.max(...variance);
    updates["norm/variance"].data.forEach((v, c) => assertAlmostEquals(v, variance[c], 1e-6 * largest));
  }
});

Deno.test("batchNormalization in inference uses its running statistics, and keeps them", async () => {
  const model = makeModel();
  const { output, updates } = await applyModel(model, x);
  assertEquals(updates, {});
  const kept = { mean: weight(model, "mean"), variance: weight(model, "variance") };
  const expected = normalized(x.data, kept, weight(model, "scale"), weight(model, "offset"));
  assertClose(output, expected, 5e-6, "result");
});

Deno.test("batchNormalization of one example gives that example's own result in inference", async () => {
  const model = makeModel();
  const whole = await applyModel(model, x);
  const size = x.data.length / 4;
  const part = x.data.slice(2 * size, 3 * size);
  const one = await applyModel(model, ndarray("float32", [1, 2, 3, channels], part));
  assertEquals(one.output.data, whole.output.data.slice(2 * size, 3 * size));
});

for (const training of [true, false]) {
  Deno.test(`gradients through batchNormalization ${training ? "in training" : "in inference"} agree with finite differences`, async () => {
    const model = makeModel();
    const factors = [...someNumbers(x.shape, 23).data];
    const { gradients } = await applyModel(model, x, { training, factors });
    const parts: Record<string, number[]> = {
      x: [...x.data],
      scale: weight(model, "scale"),
      offset: weight(model, "offset"),
      mean: weight(model, "mean"),
      variance: weight(model, "variance"),
    };
    const value = (given: Record<string, number[]>) => {
      const used = training ? statistics(given.x) : { mean: given.mean, variance: given.variance };
      return normalized(given.x, used, given.scale, given.offset)
        .reduce((sum, y, i) => sum + y * factors[i], 0);
    };
    for (const name of training ? ["x", "scale", "offset"] : ["x", "scale", "offset", "mean", "variance"]) {
      const gradient = gradients[name === "x" ? "x" : `norm/${name}`];
      parts[name].forEach((_, i) => {
        const moved = (by: number) => value({ ...parts, [name]: parts[name].with(i, parts[name][i] + by) });
        const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assertAlmostEquals(gradient.data[i], numeric, 2e-5 * Math.max(1, Math.abs(numeric)), `${name} ${i}`);
      });
    }
    if (!training) return;
    // What the batch replaces has no say, and results do not move when all inputs of a channel do.
    for (const name of ["mean", "variance"]) assert(gradients[`norm/${name}`].data.every((g) => g === 0));
    for (let c = 0; c < channels; c++) {
      const sum = [...gradients.x.data].filter((_, i) => i % channels === c).reduce((a, b) => a + b, 0);
      assertAlmostEquals(sum, 0, 1e-5);
    }
  });
}

Deno.test("batchNormalization of inputs that are all alike gives its offset, not NaN", async () => {
  const model = makeModel();
  const same = ndarray("float32", x.shape, new Float32Array(x.data.length).fill(7));
  const { output, updates } = await applyModel(model, same, { training: true });
  const offset = weight(model, "offset");
  assertClose(output, Array.from(x.data, (_, i) => offset[i % channels]), 1e-5, "result");
  assert(updates["norm/variance"].data.every((v) => Number.isFinite(v)));
});
