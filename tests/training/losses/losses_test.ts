import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { grad, sum, tensor } from "../../../ops/mod.ts";
import { defaultLoss, lossByName, type LossName } from "../../../training/losses/losses.ts";
import { numbers } from "../linear_regression.ts";

const device = cpuDevice({ threads: 1 });

async function judged(
  loss: LossName,
  output: NdArray,
  targets: NdArray,
  options: { labelSmoothing?: number } = {},
): Promise<{ loss: number[]; accuracy?: number[]; gradient: number[] }> {
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const result = lossByName(loss, given.output, given.targets, options);
    const [gradient] = grad(sum(result.loss), [given.output]);
    const outputs: Record<string, Tensor> = { loss: result.loss, gradient };
    if (result.accuracy) outputs.accuracy = result.accuracy;
    return { outputs };
  }, { device, inputs: { output, targets } as Record<string, NdArray> });
  const values = await program.call({ output, targets });
  program.close();
  assertEquals([...values.loss.shape], [output.shape[0]]);
  return {
    loss: [...values.loss.data],
    gradient: [...values.gradient.data],
    ...values.accuracy && { accuracy: [...values.accuracy.data] },
  };
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance = 2e-6): void {
  assertEquals(actual.length, expected.length);
  expected.forEach((e, i) => assertAlmostEquals(actual[i], e, tolerance * Math.max(1, Math.abs(e)), `${i}`));
}

/** -sum of q ln p over the classes, p by softmax, q smoothed. */
function crossEntropy(row: readonly number[], label: number, smoothing: number): number {
  const top = Math.max(...row);
  const all = row.reduce((sum, x) => sum + Math.exp(x - top), 0);
  return row.reduce((loss, x, k) => {
    const q = (k === label ? 1 - smoothing : 0) + smoothing / row.length;
    return loss - q * (x - top - Math.log(all));
  }, 0);
}

const classes = 5;
const logits = ndarray("float32", [7, classes], numbers(7 * classes, 3).map((x) => 6 * x));
const row = (i: number) => [...logits.data.subarray(i * classes, (i + 1) * classes)];
const labels = [0, 4, 2, 2, 1, 3, 0];

for (const labelSmoothing of [0, 0.1, 0.9]) {
  for (const dtype of ["int32", "uint8"] as const) {
    Deno.test(`softmaxCrossEntropy of ${dtype} labels smoothed by ${labelSmoothing} is its formula`, async () => {
      const targets = ndarray(dtype, [7], labels);
      const { loss, gradient } = await judged("softmaxCrossEntropy", logits, targets, { labelSmoothing });
      const expected = labels.map((label, i) => crossEntropy(row(i), label, labelSmoothing));
      assertClose(loss, expected);
      // p - q
      const p = labels.flatMap((label, i) => {
        const all = row(i).reduce((sum, x) => sum + Math.exp(x), 0);
        return row(i).map((x, k) =>
          Math.exp(x) / all - (k === label ? 1 - labelSmoothing : 0) - labelSmoothing / classes
        );
      });
      assertClose(gradient, p);
    });
  }
}

Deno.test("accuracy counts the rows whose largest result is at the label, the first of equal ones", async () => {
  const output = ndarray("float32", [5, 3], [1, 2, 3, 3, 2, 1, 1, 5, 1, 2, 2, 2, -1, -3, -2]);
  const { accuracy } = await judged("softmaxCrossEntropy", output, ndarray("int32", [5], [2, 1, 1, 0, 0]));
  assertEquals(accuracy, [1, 0, 1, 1, 1]);
});

Deno.test("softmaxCrossEntropy of huge results is finite, and its gradient too", async () => {
  const output = ndarray("float32", [3, 2], [1e4, -1e4, -1e4, 1e4, 3e38, -3e38]);
  const { loss, gradient } = await judged("softmaxCrossEntropy", output, ndarray("int32", [3], [0, 0, 0]));
  assertClose(loss, [0, 2e4, 0]);
  assertEquals(gradient.map((g) => g + 0), [0, 0, -1, 1, 0, 0]);
});

Deno.test("softmaxCrossEntropy of a label for each moment is the mean over them, for each example", async () => {
  const output = ndarray("float32", [1, 7, classes], logits.data);
  const { loss, accuracy } = await judged("softmaxCrossEntropy", output, ndarray("int32", [1, 7], labels));
  assertClose(loss, [labels.reduce((sum, label, i) => sum + crossEntropy(row(i), label, 0), 0) / 7]);
  const right = labels.filter((label, i) => row(i).indexOf(Math.max(...row(i))) === label).length;
  assertClose(accuracy!, [right / 7]);
});

Deno.test("binaryCrossEntropy is its formula, for certain results too", async () => {
  const x = [-3, 0.5, 2, 40, -40, 0, 300, -300];
  const t = [0, 1, 0.25, 1, 0, 0.5, 0, 1];
  const { loss, accuracy, gradient } = await judged(
    "binaryCrossEntropy",
    ndarray("float32", [8, 1], x),
    ndarray("float32", [8], t),
  );
  const formula = x.map((value, i) => {
    if (Math.abs(value) > 100) return Math.abs(value);
    const p = 1 / (1 + Math.exp(-value));
    return Math.abs(value) > 30 ? 0 : -t[i] * Math.log(p) - (1 - t[i]) * Math.log(1 - p);
  });
  assertClose(loss, formula);
  assertClose(gradient, x.map((value, i) => 1 / (1 + Math.exp(-value)) - t[i]));
  // Above zero means yes; a target counts as yes above one half.
  assertEquals(accuracy, [1, 1, 0, 1, 1, 1, 0, 0]);
});

Deno.test("binaryCrossEntropy takes labels as bytes, and is the mean over several results", async () => {
  const { loss, accuracy } = await judged(
    "binaryCrossEntropy",
    ndarray("float32", [2, 2], [1, -1, 2, 3]),
    ndarray("uint8", [2, 2], [1, 0, 0, 1]),
  );
  const no = (x: number) => Math.log1p(Math.exp(x));
  assertClose(loss, [no(-1), (no(2) + no(-3)) / 2]);
  assertEquals(accuracy, [1, 0.5]);
});

Deno.test("meanSquaredError is the mean over all results of an example, with and without a last axis of one", async () => {
  const output = ndarray("float32", [2, 2, 1], [1, 2, 3, 4]);
  for (const shape of [[2, 2], [2, 2, 1]]) {
    const targets = ndarray("float32", shape, [0, 4, 3, 1]);
    const { loss, accuracy } = await judged("meanSquaredError", output, targets);
    assertClose(loss, [(1 + 4) / 2, (0 + 9) / 2]);
    assertEquals(accuracy, undefined);
  }
});

Deno.test("the loss follows from the targets when none is named", () => {
  const of = (dtype: "uint8" | "int32" | "float32") => defaultLoss({ dtype, shape: [3] });
  assertEquals([of("uint8"), of("int32"), of("float32")], [
    "softmaxCrossEntropy",
    "softmaxCrossEntropy",
    "meanSquaredError",
  ]);
});

Deno.test("losses refuse targets that do not go with results, and name both", () => {
  const output = tensor(new Float32Array(6), [2, 3]);
  const refused = (loss: LossName, targets: Parameters<typeof lossByName>[2]) =>
    assertThrows(() => lossByName(loss, output, targets), RangeError).message;
  const floats = tensor(new Float32Array(2), [2]);
  const message = refused("softmaxCrossEntropy", floats);
  assertStringIncludes(message, "results [2, 3] and targets float32 [2]");
  assertStringIncludes(message, "one class index for each row");
  assert(refused("softmaxCrossEntropy", tensor(new Int32Array(3), [3])).includes("int32 [3]"));
  assert(refused("meanSquaredError", floats).includes("targets of the same shape"));
  assert(refused("binaryCrossEntropy", floats).includes("binaryCrossEntropy"));
});

Deno.test("an unknown loss is refused, not taken for another", () => {
  const output = tensor(new Float32Array(2), [2]);
  assertThrows(() => lossByName("hinge" as LossName, output, output), TypeError, "hinge");
});

Deno.test("a model that gives NaN is right about no class", async () => {
  const output = ndarray("float32", [4, 2], [NaN, NaN, NaN, 1, 2, NaN, 2, 1]);
  const classes = await judged("softmaxCrossEntropy", output, ndarray("int32", [4], [0, 0, 0, 0]));
  assertEquals(classes.accuracy, [0, 0, 0, 1]);
  assertEquals(classes.loss.map(Number.isNaN), [true, true, true, false]);
  const binary = ndarray("float32", [4, 1], [NaN, -1, NaN, 1]);
  const targets = ndarray("float32", [4, 1], [0, 0, 1, 1]);
  assertEquals((await judged("binaryCrossEntropy", binary, targets)).accuracy, [0, 1, 0, 1]);
});

Deno.test("masked classes leave the loss of the others as it is", async () => {
  const output = ndarray("float32", [1, 3], [1, -Infinity, 2]);
  const { loss, gradient, accuracy } = await judged(
    "softmaxCrossEntropy",
    output,
    ndarray("int32", [1], [0]),
  );
  assertClose(loss, [Math.log1p(Math.E)]);
  assertClose(gradient, [-1 / (1 + 1 / Math.E), 0, 1 / (1 + 1 / Math.E)]);
  assertEquals(accuracy, [0]);
});
