import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import type { Device } from "../../../engine/device.ts";
import { Dataset } from "../../../data/dataset.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { flatten } from "../../../models/layers/reshaping/flatten.ts";
import { type Model, sequential } from "../../../models/model.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import type { LossName } from "../../../training/losses/losses.ts";
import { linearData, linearModel } from "../linear_regression.ts";
import { pictures, smallModel } from "../small_run.ts";

/** A device that does its work and counts how often a program was started. */
function countingDevice(): { device: Device; runs: () => number } {
  const inner = cpuDevice({ threads: 1 });
  let runs = 0;
  const device: Device = {
    kind: inner.kind,
    description: inner.description,
    policy: inner.policy,
    maxTensorBytes: inner.maxTensorBytes,
    allocate: (...args) => inner.allocate(...args),
    release: (...args) => inner.release(...args),
    write: (...args) => inner.write(...args),
    read: (...args) => inner.read(...args),
    compiler: async () => {
      const compile = await inner.compiler();
      return async (...args) => {
        const { run, ...rest } = await compile(...args);
        return {
          ...rest,
          run: (times) => {
            runs++;
            run(times);
          },
        };
      };
    },
    close: () => inner.close(),
  };
  return { device, runs: () => runs };
}

Deno.test("the device that counts starts programs when all is right", async () => {
  const { device, runs } = countingDevice();
  await fit(linearModel(), linearData(4), { device });
  assertEquals(runs() > 0, true);
});

function labelled(labels: number[], dtype: "int32" | "uint8" = "int32"): Dataset {
  return new Dataset({
    name: "labelled",
    inputs: ndarray("float32", [labels.length, 3], new Float32Array(3 * labels.length)),
    targets: ndarray(dtype, [labels.length], labels),
  });
}

const named = (...classNames: string[]) => {
  const { inputs, targets } = labelled([0, 1], "uint8");
  return new Dataset({ inputs, targets, classNames });
};

const targets = (data: NdArray) =>
  new Dataset({ inputs: linearData(4).inputs, targets: data, name: "numbers" });

interface Wrong {
  readonly model?: Model;
  readonly data?: Dataset;
  readonly options?: FitOptions;
  readonly says: string;
}

const wrong: Record<string, Wrong> = {
  "examples of another shape": {
    model: smallModel(),
    says: "Cannot use small on linear: its examples are [3], the model takes [32, 32, 3]",
  },
  "validation examples of another shape": {
    options: { validation: pictures },
    says: "its examples are [32, 32, 3], the model takes [3]",
  },
  "a label that no output stands for": {
    data: labelled([0, 1, 2]),
    says: "Cannot use model on labelled: there is a label 2, the model has 2 outputs",
  },
  "a validation label that no output stands for": {
    data: labelled([0, 1]),
    options: { validation: labelled([0, 7], "uint8") },
    says: "there is a label 7",
  },
  "a label below zero": { data: labelled([0, 1, -1]), says: "label -1" },
  "numbers where labels are needed": {
    options: { loss: "softmaxCrossEntropy" },
    says: "it takes one class index for each row",
  },
  "more outputs than targets": {
    data: targets(ndarray("float32", [4, 1], [1, 2, 3, 4])),
    says: "results [4, 2] and targets float32 [4, 1]",
  },
  "half an epoch": { options: { epochs: 0.5 }, says: "epochs 0.5" },
  "a negative number of epochs": { options: { epochs: -1 }, says: "epochs -1" },
  "empty batches": { options: { batchSize: 0 }, says: "batchSize 0" },
  "batches of NaN": { options: { batchSize: NaN }, says: "batchSize NaN" },
  "a negative seed": { options: { seed: -1 }, says: "seed -1" },
  "a seed beyond 32 bits": { options: { seed: 2 ** 32 }, says: "seed 4294967296" },
  "a seed of half": { options: { seed: 0.5 }, says: "seed 0.5" },
  "clipNorm 0": { options: { clipNorm: 0 }, says: "clipNorm 0" },
  "clipNorm NaN": { options: { clipNorm: NaN }, says: "clipNorm NaN" },
  "an unknown loss": { options: { loss: "hinge" as LossName }, says: "hinge" },
  "a metric in the place of the loss": {
    options: { metrics: { loss: (output) => output } },
    says: "none of them named loss",
  },
  "augmentation of what is no picture": {
    options: { augmentation: { flip: true } },
    says: "Cannot augment [4, 3]",
  },
  "a negative shift": {
    model: smallModel(),
    data: pictures,
    options: { augmentation: { shift: -1 } },
    says: "shift -1",
  },
  "smoothing of all of a label": {
    data: labelled([0, 1]),
    options: { labelSmoothing: 1 },
    says: "labelSmoothing 1",
  },
  "smoothing of targets that are no labels": { options: { labelSmoothing: 0.1 }, says: "labelSmoothing" },
  "a model without weights": {
    model: sequential([flatten()], { inputShape: [3] }),
    data: targets(ndarray("float32", [4, 3], new Float32Array(12))),
    says: "no weights",
  },
  "more steps than can be counted": {
    options: { epochs: 1e9 },
    data: linearData(96),
    says: "1000000000 epochs of 3 steps",
  },
  "a callback that keeps something without a name": {
    options: { callbacks: [{ save: () => ({}), load: () => {} }] },
    says: "has no name",
  },
  "a callback that cannot take back what it keeps": {
    options: { callbacks: [{ name: "mine", save: () => ({}) }] },
    says: "has no load",
  },
  "what is no model": { model: {} as Model, says: "Cannot train an object that is none: it takes a Model" },
  "what is no data set": { data: [1, 2] as unknown as Dataset, says: "with a list: it takes a Dataset" },
  "classes of other names to be judged by": {
    model: sequential([dense({ units: 2 })], { inputShape: [3] }),
    data: named("a", "b"),
    options: { validation: named("b", "a") },
    says: 'class 0 is "a" there and "b" here',
  },
  "an unknown device": { options: { device: "gpu" as "cpu" }, says: 'device "gpu"' },
};

for (
  const [what, { model = linearModel(), data = linearData(4), options = {}, says }] of Object.entries(wrong)
) {
  Deno.test(`fit() refuses ${what} before anything is computed`, async () => {
    const { device, runs } = countingDevice();
    const before = [...model.weights ?? []].map(([, { data }]) => data.slice());
    const error = await assertRejects(() => fit(model, data, { device, ...options }));
    assertStringIncludes(error.message, says);
    assertEquals(error instanceof TypeError || error instanceof RangeError, true, error.name);
    assertEquals(error.message.startsWith("Cannot "), true, error.message);
    assertEquals(runs(), 0);
    assertEquals([...model.weights ?? []].map(([, { data }]) => data), before);
  });
}

Deno.test("evaluate() refuses what does not fit before anything is computed", async () => {
  const { device, runs } = countingDevice();
  await assertRejects(() => evaluate(linearModel(), pictures, { device }), RangeError, "the model takes [3]");
  await assertRejects(() => evaluate(linearModel(), labelled([0, 3]), { device }), RangeError, "label 3");
  await assertRejects(() => evaluate(linearModel(), labelled([0, -2]), { device }), RangeError, "label -2");
  await assertRejects(
    () => evaluate(linearModel(), linearData(4), { device, batchSize: 0 }),
    RangeError,
    "batchSize 0",
  );
  assertEquals(runs(), 0);
});

Deno.test("predict() refuses what does not fit before anything is computed, and names both shapes", async () => {
  const { device, runs } = countingDevice();
  const model = sequential([dense({ units: 1 })], { inputShape: [3], name: "line" });
  const refused = async (inputs: NdArray, batchSize?: number) =>
    (await assertRejects(() => predict(model, inputs, { device, batchSize }))).message;
  assertEquals(
    await refused(ndarray("float32", [2, 4], new Float32Array(8))),
    "Cannot predict from float32 [2, 4]: line takes uint8 or float32 [examples, 3]",
  );
  assertStringIncludes(await refused(ndarray("int32", [2, 3], [1, 2, 3, 4, 5, 6])), "int32 [2, 3]");
  assertEquals(
    await refused(linearData(4) as unknown as NdArray),
    "Cannot predict from a dataset: it takes inputs alone, such as data.inputs",
  );
  assertStringIncludes(await refused(ndarray("float32", [3], [1, 2, 3])), "float32 [3]");
  assertStringIncludes(await refused(ndarray("float32", [2, 3], new Float32Array(6)), 1.5), "batchSize 1.5");
  assertEquals(runs(), 0);
});
